"""Hosts: what is inside a process. A host gives an actor or a border its journal, links, clock."""
