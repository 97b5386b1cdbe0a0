"""Time zones that a reader may choose: a short list of places that people know."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

_JAPANESE: Mapping[str, str] = MappingProxyType(
    {
        "Pacific/Honolulu": "ホノルル",
        "America/Los_Angeles": "ロサンゼルス",
        "America/Denver": "デンバー",
        "America/Chicago": "シカゴ",
        "America/Mexico_City": "メキシコシティ",
        "America/New_York": "ニューヨーク",
        "America/Sao_Paulo": "サンパウロ",
        "UTC": "協定世界時",
        "Europe/London": "ロンドン",
        "Europe/Paris": "パリ・ベルリン・ローマ",
        "Africa/Lagos": "ラゴス",
        "Europe/Athens": "アテネ・ヘルシンキ",
        "Africa/Johannesburg": "ヨハネスブルグ",
        "Europe/Istanbul": "イスタンブール",
        "Africa/Nairobi": "ナイロビ",
        "Asia/Dubai": "ドバイ",
        "Asia/Karachi": "カラチ",
        "Asia/Kolkata": "コルカタ・デリー",
        "Asia/Dhaka": "ダッカ",
        "Asia/Bangkok": "バンコク・ジャカルタ",
        "Asia/Shanghai": "上海・北京",
        "Asia/Taipei": "台北",
        "Asia/Singapore": "シンガポール",
        "Australia/Perth": "パース",
        "Asia/Tokyo": "東京",
        "Asia/Seoul": "ソウル",
        "Australia/Sydney": "シドニー",
        "Pacific/Auckland": "オークランド",
    }
)
_ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        "Europe/Paris": "Paris, Berlin, Rome",
        "Europe/Athens": "Athens, Helsinki",
        "Asia/Kolkata": "Kolkata, Delhi",
        "Asia/Bangkok": "Bangkok, Jakarta",
        "Asia/Shanghai": "Shanghai, Beijing",
        "America/Sao_Paulo": "São Paulo",
    }
)

ZONES = tuple(_JAPANESE)
"""Their names, from west to east."""


def name_place(zone: str, language: str) -> str:
    """What people call the place a zone is named after, in Japanese or English."""
    plain = zone.rpartition("/")[2].replace("_", " ")
    return _JAPANESE.get(zone, plain) if language == "ja" else _ENGLISH.get(zone, plain)


def write_offset(zone: str, now: datetime) -> str:
    """How far a zone is from UTC at present, as in +9, −3:30 or ±0."""
    offset = now.astimezone(ZoneInfo(zone)).utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset is not None else 0
    if minutes == 0:
        return "±0"
    hours, rest = divmod(abs(minutes), 60)
    return f"{'+' if minutes > 0 else '−'}{hours}{f':{rest:02}' if rest else ''}"
