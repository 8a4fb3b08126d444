"""Processes that a deployment left behind: those that have its tag in their environment, and are alive."""

import psutil

TAG = "DARKROOM_TEST_DEPLOYMENT"


def tagged(tag: str) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if _tag_of(process) == tag]


def lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _tag_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(TAG) if lives(process) else None
    except psutil.Error:
        return None
