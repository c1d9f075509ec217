"""The words of the verifier, beside the program: a stranger may have no other file.

The locale files of the application carry the same sentences; a test compares.
"""

from typing import Final, NamedTuple


class CheckWords(NamedTuple):
    """What a check is called, and what it means that it passed or failed."""

    title: str
    passed: str
    failed: str


ENGLISH: Final[dict[str, CheckWords]] = {
    "bundle.form": CheckWords(
        "Form of the bundle",
        "The file is complete, in its one canonical form, and names nobody.",
        "The file is not in the form that was agreed, or something in it was changed.",
    ),
    "policy.pinned": CheckWords(
        "Policy",
        "The draw was made under a policy that you trust.",
        "The policy is not the one of the draw, or not one that you trust.",
    ),
    "manifest.form": CheckWords(
        "Form of the manifest",
        "The frozen request keeps every rule for requests.",
        "The frozen request breaks a rule for requests.",
    ),
    "checkpoint.signed": CheckWords(
        "Signatures of the log",
        "Every checkpoint is signed by the log and by enough witnesses.",
        "A checkpoint lacks a valid signature of the log or of a witness.",
    ),
    "checkpoint.consistent": CheckWords(
        "History of the log",
        "Each checkpoint only adds to the one before.",
        "A checkpoint does not continue the one before.",
    ),
    "entry.included": CheckWords(
        "Entries in the log",
        "Every entry shown stands in the log at its place.",
        "An entry shown does not stand in the log at its place.",
    ),
    "entry.manifest": CheckWords(
        "Freeze in the log",
        "The request was frozen in the log once and was not aborted.",
        "The request was not frozen in the log exactly once, or was aborted.",
    ),
    "draw.sequence": CheckWords(
        "Draws before",
        "All earlier draws of the section are shown, and each had ended.",
        "An earlier draw of the section is missing or had not ended.",
    ),
    "snapshot.age": CheckWords(
        "Age of the snapshot",
        "The list of experts was fixed long enough before the request.",
        "The list of experts was not fixed long enough before the request.",
    ),
    "tip.signed": CheckWords(
        "Commitments of the holders",
        "Every holder had signed its commitment for this draw.",
        "A holder's commitment for this draw is not signed.",
    ),
    "reveal.chain": CheckWords(
        "Values of the holders",
        "Every value revealed is the one committed to before.",
        "A revealed value is missing or not the one committed to before.",
    ),
    "order.freeze": CheckWords(
        "Freeze before values",
        "No value was revealed before witnesses had seen the freeze.",
        "A value was revealed before witnesses had seen the freeze.",
    ),
    "order.beacon": CheckWords(
        "Order of time",
        "The public beacon spoke after the freeze, and the seal was kept until its time.",
        "Something came too late for the public beacon, or the seal was opened before its time.",
    ),
    "beacon.signed": CheckWords(
        "Public beacon",
        "Every value of a public beacon bears the beacon's signature.",
        "A value of the public beacon does not bear its signature.",
    ),
    "opening.included": CheckWords(
        "Opened positions",
        "Every opened position stands in the list frozen for its seat.",
        "An opened position does not stand in the list frozen for its seat.",
    ),
    "result.committed": CheckWords(
        "Results in the log",
        "Every result is the one committed to in the log.",
        "A result is not the one committed to in the log.",
    ),
    "attempt.first_feasible": CheckWords(
        "Primary draw",
        "The committee is the first that the values give and the rules allow.",
        "The committee is not the first that the values give and the rules allow.",
    ),
    "step.next_feasible": CheckWords(
        "Supplementary draws",
        "Each replacement is the next that the values give and the rules allow.",
        "A replacement is not the next that the values give and the rules allow.",
    ),
    "assurance.met": CheckWords(
        "Assurance",
        "The draw is at least as well assured as its policy says.",
        "The draw is less well assured than its policy says.",
    ),
    "member.named": CheckWords(
        "Identities",
        "The people named are the members drawn, and fit their seats.",
        "The people named are not the members drawn, or do not fit their seats.",
    ),
    "log.complete": CheckWords(
        "Nothing left out",
        "The log holds nothing more about this draw than the bundle shows.",
        "The log holds something about this draw that the bundle does not show.",
    ),
}

CHINESE: Final[dict[str, CheckWords]] = {
    "bundle.form": CheckWords(
        "证明文件格式",
        "文件完整，符合唯一的规范格式，不含任何姓名。",
        "文件不符合约定格式，或内容被改动过。",
    ),
    "policy.pinned": CheckWords(
        "策略",
        "抽取所依据的策略是您信任的策略。",
        "策略与本次抽取不符，或不是您信任的策略。",
    ),
    "manifest.form": CheckWords(
        "冻结清单格式",
        "冻结的抽取申请符合各项规定。",
        "冻结的抽取申请不符合规定。",
    ),
    "checkpoint.signed": CheckWords(
        "日志签名",
        "每个检查点都有日志和足够见证方的有效签名。",
        "有检查点缺少日志或见证方的有效签名。",
    ),
    "checkpoint.consistent": CheckWords(
        "日志连续性",
        "每个检查点都只在前一个之后追加。",
        "有检查点与前一个不连续。",
    ),
    "entry.included": CheckWords(
        "日志条目",
        "所示条目均在日志中的相应位置。",
        "有所示条目不在日志中的相应位置。",
    ),
    "entry.manifest": CheckWords(
        "冻结记录",
        "抽取申请在日志中恰好冻结一次，且未中止。",
        "抽取申请在日志中并非恰好冻结一次，或已中止。",
    ),
    "draw.sequence": CheckWords(
        "此前的抽取",
        "本标段此前的抽取全部列出，且均已结束。",
        "本标段此前有抽取未列出或未结束。",
    ),
    "snapshot.age": CheckWords(
        "专家名册固定时间",
        "专家名册在申请之前已固定足够长的时间。",
        "专家名册在申请之前固定的时间不够长。",
    ),
    "tip.signed": CheckWords(
        "持有方承诺",
        "各持有方都为本次抽取签署了承诺值。",
        "有持有方未为本次抽取签署承诺值。",
    ),
    "reveal.chain": CheckWords(
        "持有方数值",
        "公布的数值都与事先的承诺一致。",
        "有数值缺失，或与事先的承诺不一致。",
    ),
    "order.freeze": CheckWords(
        "先冻结后公布",
        "见证方确认冻结之前，没有数值被公布。",
        "见证方确认冻结之前，已有数值被公布。",
    ),
    "order.beacon": CheckWords(
        "时间顺序",
        "公共信标在冻结之后发布，密封保持到规定时间。",
        "有记录晚于公共信标所要求的时间，或密封被提前打开。",
    ),
    "beacon.signed": CheckWords(
        "公共信标",
        "公共信标的数值均有其签名。",
        "公共信标的数值没有其签名。",
    ),
    "opening.included": CheckWords(
        "公开的位置",
        "公开的位置都在相应席位冻结的名单中。",
        "有公开的位置不在相应席位冻结的名单中。",
    ),
    "result.committed": CheckWords(
        "结果记录",
        "每个结果都与日志中的承诺一致。",
        "有结果与日志中的承诺不一致。",
    ),
    "attempt.first_feasible": CheckWords(
        "首次抽取",
        "评标委员会是按数值得出且规则允许的第一个组合。",
        "评标委员会不是按数值得出且规则允许的第一个组合。",
    ),
    "step.next_feasible": CheckWords(
        "补抽",
        "每位补抽成员都是按数值得出且规则允许的下一位。",
        "有补抽成员不是按数值得出且规则允许的下一位。",
    ),
    "assurance.met": CheckWords(
        "保证等级",
        "本次抽取的保证等级不低于策略所称。",
        "本次抽取的保证等级低于策略所称。",
    ),
    "member.named": CheckWords(
        "成员身份",
        "所示人员即抽中的成员，且符合席位条件。",
        "所示人员不是抽中的成员，或不符合席位条件。",
    ),
    "log.complete": CheckWords(
        "无遗漏",
        "日志中关于本次抽取的内容均已在证明文件中列出。",
        "日志中有关于本次抽取的内容未在证明文件中列出。",
    ),
}

WORDS: Final = {"en": ENGLISH, "zh": CHINESE}

OPEN: Final = {
    "en": {
        "not run": "Not run: a check before it failed.",
        "not checked": "Not checked: this cannot be told from the file on this machine.",
        "withheld": "Withheld: no identities were given.",
    },
    "zh": {
        "not run": "未执行：前面的检查未通过。",
        "not checked": "未检查：仅凭文件在本机上无法判断。",
        "withheld": "未提供：没有给出成员身份文件。",
    },
}
"""Sentences of the outcomes that are neither passed nor failed."""

NO_BUNDLE: Final = {
    "en": {
        "file": "This file cannot be read: {name}.",
        "json": "This is not a draw bundle: the file is not JSON.",
        "kind": "This is not a draw bundle: its member v is not BDP1-bundle.",
        "identities": "The file of identities cannot be read: {name}.",
        "policy": "The policy file holds neither a policy in canonical form nor a hash: {name}.",
        "log": "The address of a log begins with http:// or https://: {name}.",
    },
    "zh": {
        "file": "无法读取文件：{name}。",
        "json": "这不是抽取证明文件：内容不是 JSON。",
        "kind": "这不是抽取证明文件：成员 v 不是 BDP1-bundle。",
        "identities": "无法读取成员身份文件：{name}。",
        "policy": "策略文件既不是规范格式的策略，也不是哈希值：{name}。",
        "log": "日志地址应以 http:// 或 https:// 开头：{name}。",
    },
}
"""One plain sentence for what cannot be checked at all."""
