"""What shuts model code in: namespaces, landlock, seccomp and resource limits, on Linux.

Standard library only, because the guest imports it. None of it needs rights or a set-up: each layer
holds by itself, so that where the system refuses one, the others still do.
"""
