"""The ``oms`` commands, one file each."""
