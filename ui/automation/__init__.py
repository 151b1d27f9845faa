"""The supervisor's controls: the five-stop slider, the settings, what a change will do, and what was changed."""
