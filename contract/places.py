"""Beijing's 16 districts and the kinds of venue that host a station."""

from dataclasses import dataclass
from typing import NamedTuple


class Name(NamedTuple):
    """A name in both languages of the programme."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class District:
    """A district by its administrative code (GB/T 2260).

    `latitude` and `longitude` are the WGS-84 position of the district's seat, `population` is the
    census of 1 November 2020 (bulletin no. 2).
    """

    adcode: str
    name: Name
    latitude: float
    longitude: float
    population: int


CITY_ADCODE = "110000"
CITY = Name("北京市", "Beijing")

DISTRICTS: dict[str, District] = {
    adcode: District(adcode, Name(zh, en), latitude, longitude, population)
    for adcode, zh, en, latitude, longitude, population in (
        ("110101", "东城区", "Dongcheng", 39.9161, 116.4125, 708_829),
        ("110102", "西城区", "Xicheng", 39.9139, 116.3606, 1_106_214),
        ("110105", "朝阳区", "Chaoyang", 39.9202, 116.4803, 3_452_460),
        ("110106", "丰台区", "Fengtai", 39.8624, 116.2809, 2_019_764),
        ("110107", "石景山区", "Shijingshan", 39.9133, 116.1893, 567_851),
        ("110108", "海淀区", "Haidian", 39.9548, 116.3042, 3_133_469),
        ("110109", "门头沟区", "Mentougou", 39.9358, 116.0991, 392_606),
        ("110111", "房山区", "Fangshan", 39.7342, 116.1329, 1_312_778),
        ("110112", "通州区", "Tongzhou", 39.9014, 116.6527, 1_840_295),
        ("110113", "顺义区", "Shunyi", 40.1278, 116.6476, 1_324_044),
        ("110114", "昌平区", "Changping", 40.2168, 116.2298, 2_269_487),
        ("110115", "大兴区", "Daxing", 39.7276, 116.3319, 1_993_591),
        ("110116", "怀柔区", "Huairou", 40.3232, 116.6312, 441_040),
        ("110117", "平谷区", "Pinggu", 40.1434, 117.1058, 457_313),
        ("110118", "密云区", "Miyun", 40.3762, 116.8373, 527_683),
        ("110119", "延庆区", "Yanqing", 40.4641, 115.9789, 345_671),
    )
}
"""The 16 districts by adcode; codes merged away in 2010 and 2015 are not among them."""

VENUES: dict[str, Name] = {
    "convenience": Name("便利店", "Convenience store"),
    "supermarket": Name("超市", "Supermarket"),
    "bank": Name("银行网点", "Bank branch"),
    "gas": Name("加油站", "Petrol station"),
    "community": Name("社区党群中心", "Community centre"),
    "hub": Name("职工之家枢纽", "Workers' hub"),
    "pharmacy": Name("药房健康小屋", "Pharmacy"),
}
"""The kinds of venue by code."""
