"""The browser, measured: as a process in a terminal, and from inside of one."""
