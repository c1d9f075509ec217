"""The own data as one page that a person can read and print: no script, nothing from a network."""

from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any, Final

from foundation.clock import CHINA_STANDARD_TIME

TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "person": ("我是谁", "Who I am"),
    "pool": ("专家库中的资料", "What the pool holds"),
    "standing": ("任职状态及依据", "Standing, and why"),
    "history": ("任职状态的全部记录", "Everything on record about my standing"),
    "cases": ("与我有关的案件", "Cases about me"),
    "answers": ("以我的名义留下的答复", "Answers recorded in my name"),
    "consents": ("我给过和撤回的同意", "Consents I gave and withdrew"),
    "requests": ("我的更正和删除申请", "My requests to correct or erase"),
    "draws": ("我进入过名单或被排除的抽取", "Draws in which I was in a hat, or left out"),
}
WORDS: Final[Mapping[str, str]] = {
    "expert_id": "专家编号 Expert number",
    "name": "姓名 Name",
    "id_number": "身份证件号码 Identity number",
    "phone": "电话 Telephone",
    "generated": "生成数据（并非真人） Generated, no real person",
    "region": "省份代码 Province",
    "employer": "工作单位 Employer",
    "unified_credit_code": "统一社会信用代码 Credit code",
    "classification": "专业分类版本 Edition of the classification",
    "codes": "评审专业 Specialties",
    "title": "职称 Title",
    "valid_to": "聘期至 Term ends",
    "admitted_at": "入库时间 Admitted",
    "version": "版本 Version",
    "status": "状态 Status",
    "rule": "规则 Rule",
    "ground": "事由 Ground",
    "until": "截止日 Until",
    "at": "时间 Time",
    "text": "内容 Words",
    "reason": "理由 Reason",
    "outcome": "结果 Outcome",
    "hats": "所在名单 Hats",
    "exclusions": "未列入的原因 Exclusions",
    "declines": "以我的名义的空缺 Vacancies in my name",
    "listed": "登记中的原因编号 Reason number on record",
    "frozen_at": "冻结时间 Frozen",
    "log_index": "日志序号 Log index",
    "day": "评标日 Day",
}
STYLE: Final = (
    "body{font:18px/1.6 'Noto Sans SC','Microsoft YaHei',sans-serif;max-width:52em;margin:2em auto;"
    "padding:0 1em;color:#2b2a28}h1,h2{font-family:'Noto Serif SC',SimSun,serif}"
    "h2{border-bottom:1px solid #b3402e;margin-top:2em}"
    "dl{display:grid;grid-template-columns:minmax(9em,14em) 1fr;gap:.2em 1em;margin:.4em 0}"
    "dt{color:#5b5a55}dd{margin:0;overflow-wrap:anywhere}"
    "li{margin:.6em 0}code{font-size:.8em}"
)


def page(told: Mapping[str, Any], at: datetime) -> str:
    """The page.

    Args:
        told: plain values as JSON has them. at: the instant of handing over.
    """
    when = at.astimezone(CHINA_STANDARD_TIME)
    parts = "".join(
        f"<h2>{escape(zh)}<br><small>{escape(en)}</small></h2>{_shown(told[name])}"
        for name, (zh, en) in TITLES.items()
        if name in told
    )
    return (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>我的资料 My data</title>'
        f"<style>{STYLE}</style><h1>我的资料 <small>My data</small></h1>"
        f"<p>{when:%Y 年 %m 月 %d 日 %H:%M}（北京时间）。依《个人信息保护法》第四十五条提供。"
        "本页含个人信息，请妥善保管。</p>"
        "<p>Provided under article 45 of the Personal Information Protection Law. "
        f"Keep this page safe.</p>{parts}</html>"
    )


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        rows = "".join(
            f"<dt>{escape(WORDS.get(key, key))}</dt><dd>{_shown(one)}</dd>"
            for key, one in value.items()
            if key not in {"proof", "salt_a", "salt_id", "salt_q", "salt"}
        )
        return f"<dl>{rows}</dl>"
    if isinstance(value, list):
        if not value:
            return "—"
        if all(isinstance(one, str | int) for one in value):
            return escape("、".join(str(one) for one in value))
        return "<ol>" + "".join(f"<li>{_shown(one)}</li>" for one in value) + "</ol>"
    if isinstance(value, bool):
        return "是 yes" if value else "否 no"
    return escape("—" if value in {None, ""} else str(value))
