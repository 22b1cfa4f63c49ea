"""The models behind one protocol: providers, offline, scripted, recorded."""
