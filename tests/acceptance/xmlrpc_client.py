"""Calls every method with Python's xmlrpc.client, over TCP and over a unix socket.

Arguments: the URL of the TCP server (with name and password in it), and the unix socket's path.
The configuration is in tests/acceptance.rs.
"""

import sys
from xmlrpc.client import Fault, MultiCall, ProtocolError, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

INFO = {
    "name": str, "group": str, "description": str, "start": int, "stop": int, "now": int,
    "state": int, "statename": str, "spawnerr": str, "exitstatus": int, "logfile": str,
    "stdout_logfile": str, "stderr_logfile": str, "pid": int,
}


def fault(call, *args):
    """The fault that a call must end in."""
    try:
        result = call(*args)
    except Fault as error:
        return error.faultCode, error.faultString
    raise AssertionError(f"{call} gave {result!r}")


def supervisord_itself(s):
    assert s.getAPIVersion() == s.getVersion() == "3.0"
    assert s.getSupervisorVersion().split(".")[0] == "5"
    assert s.getIdentification() == "supervisor"
    assert s.getState() == {"statecode": 1, "statename": "RUNNING"}
    assert s.getPID() > 1
    assert "entered RUNNING state" in s.readLog(0, 0) == s.readMainLog(0, 0)
    assert s.clearLog() is True
    assert s.sendRemoteCommEvent("kind", "data é") is True


def methods_about_methods(server):
    names = server.system.listMethods()
    assert names == sorted(names) and "supervisor.getState" in names
    for name in names:
        assert "@return" in server.system.methodHelp(name), name
        assert all(isinstance(kind, str) for kind in server.system.methodSignature(name)), name
    assert server.system.methodSignature("supervisor.startProcess") == ["boolean", "string", "boolean"]
    assert fault(server.system.methodHelp, "nope") == (4, "SIGNATURE_UNSUPPORTED")
    assert fault(server.supervisor.nope) == (1, "UNKNOWN_METHOD")
    assert fault(server.supervisor.getPID, 1) == (2, "INCORRECT_PARAMETERS")


def several_at_once(server):
    calls = [
        {"methodName": "supervisor.getState", "params": []},
        {"methodName": "supervisor.stopProcess", "params": ["cat"]},
        {"methodName": "supervisor.startProcess", "params": ["cat"]},
        {"methodName": "supervisor.startProcess", "params": ["cat"]},
        {"methodName": "system.multicall", "params": [[]]},
    ]
    state, stopped, started, again, recursive = server.system.multicall(calls)
    assert (state["statename"], stopped, started) == ("RUNNING", True, True)
    assert again == {"faultCode": 60, "faultString": "ALREADY_STARTED: cat"}
    assert recursive["faultCode"] == 2
    # Supervisor's results are bare, which this class of Python's does not take.
    multi = MultiCall(server)
    multi.supervisor.getPID()
    try:
        multi()[0]
    except ValueError:
        return
    raise AssertionError("the results are not bare")


def lives_of_processes(s):
    ok = lambda name, group: {"name": name, "group": group, "status": 80, "description": "OK"}
    both = [ok("pair_0", "pair"), ok("pair_1", "pair")]
    by_name = lambda results: sorted(results, key=lambda result: result["name"])
    assert s.stopProcess("cat") is True
    assert fault(s.stopProcess, "cat") == (70, "NOT_RUNNING: cat")
    assert fault(s.signalProcess, "cat", "HUP") == (70, "NOT_RUNNING: cat")
    assert fault(s.sendProcessStdin, "cat", "x") == (70, "NOT_RUNNING: cat")
    assert s.startProcess("cat") is True
    assert fault(s.startProcess, "cat", False) == (60, "ALREADY_STARTED: cat")
    assert fault(s.startProcess, "nope") == (10, "BAD_NAME: nope")
    assert fault(s.startProcess, "absent") == (20, "NO_FILE: can't find command '/no/such/file'")
    assert fault(s.startProcess, "broken") == (50, "SPAWN_ERROR: broken")
    assert by_name(s.stopProcessGroup("pair")) == both
    assert s.stopProcessGroup("pair") == []
    assert by_name(s.startProcess("pair:*")) == both
    assert by_name(s.signalProcessGroup("pair", "CONT")) == both
    assert by_name(s.stopProcess("pair:*", True)) == both
    assert by_name(s.startProcessGroup("pair", True)) == both
    assert fault(s.signalProcess, "cat", "NOPE") == (11, "BAD_SIGNAL: NOPE")
    assert s.signalProcess("cat", "CONT") is True
    assert ok("cat", "cat") in s.signalAllProcesses("CONT")
    assert ok("cat", "cat") in s.stopAllProcesses()
    assert ok("cat", "cat") in s.startAllProcesses()


def what_is_told(s):
    info = s.getProcessInfo("cat")
    assert {key: type(value) for key, value in info.items()} == INFO
    assert info["description"].startswith(f"pid {info['pid']}, uptime 0:00:")
    every = s.getAllProcessInfo()
    names = [(one["group"], one["name"]) for one in every]
    assert names == sorted(names) and ("cat", "cat") in names
    configs = {one["name"]: one for one in s.getAllConfigInfo()}
    assert configs["cat"]["stdout_logfile_maxbytes"] == 4 << 30
    assert configs["cat"]["autorestart"] is True
    assert configs["broken"]["autorestart"] is False


def logs(s):
    assert s.clearProcessLogs("cat") is s.clearProcessLog("cat") is True
    text = "grüße 漢字 <&> \N{GRINNING FACE}\n"
    assert s.sendProcessStdin("cat", text) is True
    size = len(text.encode())
    while s.tailProcessStdoutLog("cat", 0, 1)[1] < size:
        pass
    assert s.readProcessStdoutLog("cat", 0, 0) == s.readProcessLog("cat", -size, 0) == text
    assert s.tailProcessLog("cat", 0, 1000) == [text, size, False]
    assert s.tailProcessStderrLog("cat", 0, 1000) == ["", 0, False]
    assert s.readProcessStderrLog("cat", 0, 10) == ""
    assert fault(s.readProcessStdoutLog, "cat", 0, -1) == (3, "BAD_ARGUMENTS")
    # A piece that begins inside of a character.
    assert s.readProcessStdoutLog("cat", 3, 2) == "\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"
    assert {"name": "cat", "group": "cat", "status": 80, "description": "OK"} in s.clearAllProcessLogs()


def groups(s):
    assert s.reloadConfig() == [[[], [], []]]
    assert fault(s.addProcessGroup, "cat") == (90, "ALREADY_ADDED: cat")
    assert fault(s.removeProcessGroup, "cat") == (91, "STILL_RUNNING: cat")
    assert fault(s.removeProcessGroup, "nope") == (10, "BAD_NAME: nope")
    s.stopProcess("cat")
    assert s.removeProcessGroup("cat") is True
    assert fault(s.getProcessInfo, "cat") == (10, "BAD_NAME: cat")
    assert s.reloadConfig() == [[["cat"], [], []]]
    assert s.addProcessGroup("cat") is True
    # It is started by itself, perhaps before this.
    try:
        s.startProcess("cat")
    except Fault as error:
        assert error.faultCode == 60


def refused(url):
    try:
        ServerProxy(url.replace("secret", "wrong") + "/RPC2").supervisor.getPID()
    except ProtocolError as error:
        assert error.errcode == 401
        return
    raise AssertionError("a wrong password was taken")


def main(url, socket):
    refused(url)
    over_tcp = ServerProxy(url + "/RPC2")
    over_unix = ServerProxy("http://localhost", SupervisorTransport(None, None, f"unix://{socket}"))
    for server in (over_tcp, over_unix):
        supervisord_itself(server.supervisor)
        methods_about_methods(server)
        several_at_once(server)
        lives_of_processes(server.supervisor)
        what_is_told(server.supervisor)
        logs(server.supervisor)
        groups(server.supervisor)
    assert over_tcp.supervisor.shutdown() is True
    assert fault(over_unix.supervisor.getState) == (6, "SHUTDOWN_STATE")
    print("all methods were called")


main(*sys.argv[1:])
