"""Every code of ISO 639-2, and what the SIS of US schools call a home language."""

from __future__ import annotations

from collections import Counter

import pycountry
import pytest

from rostersync.spec.languages import language_code, language_codes, languages

WITHOUT_A_SHORT_CODE = """
    ace ach ada ady afa afh ain akk ale alg alt ang anp apa arc arn arp art arw ast ath aus awa
    bad bai bal ban bas bat bej bem ber bho bik bin bla bnt bra btk bua bug byn cad cai car cau
    ceb cel chb chg chk chm chn cho chp chr chy cmc cnr cop cpe cpf cpp crh crp csb cus dak dar
    day del den dgr din doi dra dsb dua dum dyu efi egy eka elx enm ewo fan fat fil fiu fon frm
    fro frr frs fur gaa gay gba gem gez gil gmh goh gon gor got grb grc gsw gwi hai haw hil him
    hit hmn hsb hup iba ijo ilo inc ine inh ira iro jbo jpr jrb kaa kab kac kam kar kaw kbd kha
    khi kho kmb kok kos kpe krc krl kro kru kum kut lad lah lam lez lol loz lua lui lun luo lus
    mad mag mai mak man map mas mdf mdr men mga mic min mkh mnc mni mno moh mos mun mus mwl mwr
    myn myv nah nai nap nds new nia nic niu nog non nqo nso nub nwc nym nyn nyo nzi osa ota oto
    paa pag pal pam pap pau peo phi phn pon pra pro raj rap rar roa rom rup sad sah sai sal sam
    sas sat scn sco sel sem sga sgn shn sid sio sit sla sma smi smj smn sms snk sog son srn srr
    ssa suk sus sux syc syr tai tem ter tet tig tiv tkl tlh tli tmh tog tpi tsi tum tup tut tvl
    tyv udm uga umb vai vot wak wal war was wen xal yao yap ypk zap zbl zen zgh znd zun zza
""".split()  # noqa: SIM905 - a table reads better than 299 literals

NO_LANGUAGE = ["und", "mul", "mis", "zxx", "qaa"]

HOME_LANGUAGES = {
    "am": ["Amharic"],
    "apa": ["Apache"],
    "ar": ["Arabic", "ARABIC"],
    "bn": ["Bengali", "Bangla"],
    "bs": ["Bosnian"],
    "ceb": ["Cebuano", "Cebuano (Visayan)"],
    "ch": ["Chamorro", "Chamorro (Guamanian)"],
    "chk": ["Chuukese", "Trukese"],
    "chr": ["Cherokee"],
    "cho": ["Choctaw"],
    "el": ["Greek", "Modern Greek"],
    "en": ["English", "english "],
    "es": ["Spanish", "Castilian", "Spanish; Castilian", "Español", "Castellano"],
    "fa": ["Farsi", "Persian", "Dari", "Farsi (Persian)", "Persian/Farsi"],
    "fil": ["Filipino", "Pilipino", "Filipino (Pilipino or Tagalog)"],
    "fr": ["French", "Français"],
    "ff": ["Fulani", "Fulah"],
    "gu": ["Gujarati"],
    "haw": ["Hawaiian"],
    "he": ["Hebrew", "iw"],
    "hi": ["Hindi", "हिन्दी"],
    "hmn": ["Hmong", "hmong", "White Hmong"],
    "ht": ["Haitian Creole", "Haitian", "Haitian; Haitian Creole", "Haitian-Creole", "Kreyòl"],
    "hy": ["Armenian"],
    "ig": ["Igbo"],
    "ilo": ["Ilocano", "Iloko"],
    "it": ["Italian"],
    "ja": ["Japanese", "日本語"],
    "kar": ["Karen", "S'gaw Karen", "S\u2019gaw Karen"],
    "km": ["Cambodian", "Khmer", "Khmer (Cambodian)"],
    "ko": ["Korean", "한국어"],
    "kos": ["Kosraean"],
    "ku": ["Kurdish", "Kurmanji", "Kurdish (Kurdi, Kurmanji)"],
    "lo": ["Lao", "Laotian"],
    "mh": ["Marshallese"],
    "mus": ["Creek"],
    "my": ["Burmese", "Myanmar"],
    "myn": ["Mayan"],
    "nah": ["Nahuatl"],
    "ne": ["Nepali"],
    "nv": ["Navajo"],
    "oj": ["Ojibwe", "Ojibwa", "Chippewa"],
    "om": ["Oromo", "Afaan Oromo"],
    "pa": ["Punjabi", "Panjabi"],
    "pau": ["Palauan"],
    "pl": ["Polish"],
    "pon": ["Pohnpeian"],
    "ps": ["Pashto", "Pushto", "Pashtu"],
    "pt": ["Portuguese", "Brazilian Portuguese", "Portuguese (Brazil)"],
    "ro": ["Romanian", "Rumanian", "Moldavian"],
    "rw": ["Kinyarwanda"],
    "ru": ["Russian", "Русский"],
    "sgn": ["American Sign Language"],
    "sm": ["Samoan"],
    "so": ["Somali"],
    "sq": ["Albanian"],
    "sr": ["Serbian"],
    "sh": ["Serbo-Croatian"],
    "sw": ["Swahili", "Kiswahili"],
    "syr": ["Assyrian", "Chaldean"],
    "ta": ["Tamil"],
    "te": ["Telugu"],
    "th": ["Thai"],
    "ti": ["Tigrinya"],
    "tl": ["Tagalog"],
    "to": ["Tongan"],
    "tr": ["Turkish"],
    "uk": ["Ukrainian"],
    "ur": ["Urdu"],
    "vi": ["Vietnamese", "Tiếng Việt"],
    "yap": ["Yapese"],
    "yi": ["Yiddish"],
    "yo": ["Yoruba"],
    "ypk": ["Yupik"],
    "zap": ["Zapotec", "Zapoteco"],
    "zh": [
        "Chinese",
        "Mandarin",
        "Cantonese",
        "Mandarin (Putonghua)",
        "Chinese (Simplified)",
        "Chinese - Traditional",
        "Chinese, Cantonese",
        "Toishanese",
        "Taiwanese",
        "中文",
    ],
}


@pytest.mark.parametrize("code", WITHOUT_A_SHORT_CODE)
def test_a_code_of_three_letters_stays_where_iso_has_none_of_two(code: str) -> None:
    assert language_code(code) == language_code(code.upper()) == code


def test_the_codes_of_three_letters_are_those_of_iso_639_2() -> None:
    stored = {language.code for language in languages() if len(language.code) == 3}
    assert stored == set(WITHOUT_A_SHORT_CODE)


def test_each_code_of_a_language_with_two_letters_gives_these() -> None:
    short = [language for language in pycountry.languages if hasattr(language, "alpha_2")]
    assert len(short) > 180
    for language in short:
        codes = (language.alpha_2, language.alpha_3, getattr(language, "bibliographic", ""))
        for code in filter(None, codes):
            assert language_code(code) == language_code(code.title()) == language.alpha_2, code


@pytest.mark.parametrize("code", NO_LANGUAGE)
def test_a_code_that_names_no_language_is_none(code: str) -> None:
    assert language_code(code) is None


@pytest.mark.parametrize(
    ("name", "code"), [(name, code) for code, names in HOME_LANGUAGES.items() for name in names]
)
def test_a_home_language_of_us_schools_is_known_by_its_name(name: str, code: str) -> None:
    assert language_code(name) == language_code(name.upper()) == code


@pytest.mark.parametrize("sent", ["", " ", "Elvish", "xx", "es-MX", "Spanish; English", "English;"])
def test_what_is_no_single_language_is_unknown(sent: str) -> None:
    assert language_code(sent) is None


def test_no_name_is_of_two_languages_and_each_gives_its_own() -> None:
    stored = Counter(language.code for language in languages())
    assert set(stored.values()) == {1}
    assert set(stored) == set(language_codes())
    for language in languages():
        for name in (*language.english, *language.native, *language.common):
            assert language_code(name) == language.code, name
