"""What a demonstration holds when it first opens; later starts add what is missing."""

from typing import Final

from app.demo.accounts import DemoAccounts
from app.wiring_pool import PoolParts
from classification.service import ClassificationService
from draw_engine.pool_generate import generate
from foundation.clock import CHINA_STANDARD_TIME, Clock

EXPERTS: Final = 600
SEED: Final = 1


def prepare(
    demo: DemoAccounts,
    pool: PoolParts,
    classification: ClassificationService,
    clock: Clock,
    experts: int = EXPERTS,
) -> None:
    """Open the accounts and enrol generated experts; running it again changes nothing."""
    demo.open()
    if not pool.pool.is_empty():
        return
    today = clock.now().astimezone(CHINA_STANDARD_TIME).date()
    manager = demo.find("pool_manager").id
    pool.importer.enrol(
        list(generate(classification, experts, SEED, today)), manager, "演示·生成专家"
    )
