"""Waiting rooms: panels, their calls, and the devices that show and speak them."""
