"""The demo programme: invented people in a real programme, and the processes that bring it to life."""
