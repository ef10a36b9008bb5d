"""Builds the host's images of its Dockerfile and proves that they run, without a Docker daemon.

buildah builds (root, but no daemon and no container to run steps in); runc, which Docker runs its
containers with, runs them: read-only, as uid 10001, without a capability.
"""
