"""The pages of the window: inspect, history, agreement, automation."""
