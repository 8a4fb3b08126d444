"""What no container of the system may do."""

from tests.compose.system import System, service_of

ROOTS_ONES = {"minio-volume", "caddy-volume"}  # they hand a volume over, which only root can


def assert_confined(system: System) -> None:
    for one in system.containers():
        name, host = service_of(one), one["HostConfig"]
        assert host["ReadonlyRootfs"], name
        assert host["CapDrop"] == ["ALL"], name
        assert host["SecurityOpt"] == ["no-new-privileges:true"], name
        assert host["Memory"] > 0, name
        assert host["PidsLimit"] > 0, name
        assert (one["Config"]["User"].split(":")[0] in {"", "0", "root"}) == (name in ROOTS_ONES), name
        bound = [binding["HostIp"] for ports in (host["PortBindings"] or {}).values() for binding in ports]
        assert set(bound) <= {"127.0.0.1"}, name
