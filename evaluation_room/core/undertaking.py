"""The undertaking (承诺书) a member signs after check-in; its hash is in the ledger."""

from hashlib import sha256
from typing import Final

TEXT: Final = """评标承诺书

一、本人与投标人之间不存在应当回避的利害关系；如有，将立即说明并退出本次评标。
二、本人将按照招标文件（采购文件）规定的标准和方法独立评审，不与他人商定主观分，不发表倾向性意见。
三、本人不携带、不使用通讯和录音录像设备，只在本系统内与其他成员交流。
四、本人对每一项扣分写明理由，对评审意见承担个人责任。
五、本人不复制、不带走评审资料，不透露评审情况、委员会成员和推荐结果。
六、本人知道评标全程留痕；不签字又不书面说明理由的，视为同意评标结论。
"""
SHA256: Final = sha256(TEXT.encode()).hexdigest()
