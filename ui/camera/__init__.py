"""The camera page's parts."""
