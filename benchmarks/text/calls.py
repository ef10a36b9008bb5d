"""Calls and notices as clinics write them, drawn by chance and repeatable."""

from __future__ import annotations

import random
from collections.abc import Callable

SEED = 20
COUNT = 2000
LENGTH = 200
"""Characters of a long text: about 13 s of speech."""

_GIVEN = (
    "Maria", "José", "Ana", "João", "Antônia", "Francisco", "Luísa", "Sebastião", "Thayssa",
    "Wellington", "Kimiko", "Zoë", "Conceição", "Ângela", "Raimundo", "Íris", "Ana-Clara", "Eva",
    "Ivo", "Rui", "Lia", "François", "Jéssica", "Hélio", "Yasmin", "Maria-José", "Cid", "Eli",
)  # fmt: skip
_FAMILY = (
    "Silva", "Souza", "Gonçalves", "Sant'Anna", "D'Ávila", "Müller", "Araújo", "Ñunes", "Brandão",
    "Xavier", "Sá", "Wanderley", "Łukasz", "Tanaka", "Magalhães", "Assunção", "O'Neill", "Queiroz",
    "Lima", "Peña", "Carvalho", "Guimarães", "Björk", "Assis", "Galvão", "Sant’Ana",
)  # fmt: skip
_PARTICLES = ("", "", "da ", "de ", "do ", "dos ", "das ", "e ", "d'", "di ", "van ")
_SUFFIXES = ("", "", "", "", " Filho", " Neto", " Júnior", " Jr.", " II")
_TITLES = ("Dr.", "Dra.", "Dr", "Dra", "Drª", "Sr.", "Sra.", "Sr", "Sra", "Prof.", "Profa.", "Enfª")
_STREETS = (
    "Av. Frei Serafim", "R. XV de Novembro", "R. das Flores", "Av. Pres. Vargas", "R. Sto. Antônio",
    "Av. João XXIII", "Trav. São José", "Rod. BR-343", "Pça. da Bandeira",
)  # fmt: skip
_DISTRICTS = ("Jd. América", "Vl. Maria", "Centro", "Pq. Piauí", "Bairro Sta. Rita", "Dirceu II")
_HOSPITALS = ("Hospital Pio XII", "HGV", "UPA 24h", "UBS Sta. Maria", "Hospital João Paulo II")
_ROOMS = ("sala", "Sala", "SALA", "consultório", "Consultório", "guichê", "Guichê", "box", "leito")
_SERVICES = (
    "UTI", "RX", "ECG", "Raio-X", "Triagem", "Acolhimento", "Pediatria", "Sala de Vacina", "CAPS",
    "Ultrassom (USG)", "Laboratório", "Odontologia", "Farmácia", "Coleta", "Recepção/SAME",
)  # fmt: skip
_MEDICINES = ("dipirona", "amoxicilina", "Losartana", "AAS", "vitamina D3", "insulina NPH", "soro")
_UNITS = (
    "mg",
    "ml",
    "g",
    "mcg",
    "UI",
    "mL",
    "gotas",
    "gts",
    "cp",
    "comp.",
    "%",
    "mg/kg",
    "L",
    "cx",
)
_DAYS = ("segunda-feira", "3ª feira", "seg.", "ter.", "qua.", "5ª-feira", "sex.", "sáb.", "domingo")
_MONTHS = ("janeiro", "fev.", "março", "abr.", "Maio", "jun.", "julho", "ago.", "set.", "dez.")
_EXAMS = (
    "HIV",
    "PCR",
    "TSH",
    "PSA",
    "T4 livre",
    "H1N1",
    "COVID-19",
    "hepatite C",
    "HPV",
    "IMC 24,9",
)
_ENDS = ("", "", "", ".", ".", "!", "!!!", "...", "?", " 😀", ";", " 🏥.")


def calls(count: int = COUNT, seed: int = SEED) -> list[str]:
    """Draw texts.

    Args:
        count: how many.
        seed: the same one draws the same texts.

    Returns:
        Texts of 5 to some 200 characters, not normalised.
    """
    chance = random.Random(seed)  # noqa: S311 - repeatable, no secret
    return [chance.choice(_KINDS)(chance) + chance.choice(_ENDS) for _ in range(count)]


def long_texts(count: int = COUNT, seed: int = SEED, length: int = LENGTH) -> list[str]:
    """Draw texts of exactly `length` characters, each several calls in a row."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, no secret
    drawn = calls(count, seed)
    texts = []
    for _ in range(count):
        text = ""
        while len(text) < length:
            text += f"{chance.choice(drawn)} "
        texts.append(text[:length])
    return texts


def _call(chance: random.Random) -> str:
    parts = [_ticket(chance), _name(chance), _place(chance)]
    start = chance.choice(("", "Atenção, ", "Atenção: ", "ATENÇÃO! ", "Última chamada: "))
    del parts[chance.randrange(3) : chance.choice((0, 0, 3))]
    return start + chance.choice((", ", " — ", " - ", "; ")).join(parts or [_ticket(chance)])


def _courtesy(chance: random.Random) -> str:
    sentence = chance.choice(
        (
            "{name}, dirija-se à {place}",
            "{title} {name} aguarda {other} em {place}",
            "Por favor, {title} {name}, compareça a: {place}",
            "A paciente {name} (prioridade) vá até: {place}",
            'Chamar "{name}" p/ {place} c/ {title} {other}',
            "COMPAREÇA: {place}, {name}",
        )
    )
    return sentence.format(
        name=_name(chance), other=_name(chance), title=chance.choice(_TITLES), place=_place(chance)
    )


def _appointment(chance: random.Random) -> str:
    sentence = chance.choice(
        (
            "Consulta dia {date} às {time} com {title} {name}",
            "Retorno em {date}, {time}, {place}",
            "{day}, {date}, das {time} às {other}",
            "Atendimento de 2ª a 6ª, das {time} às {other}",
            "Vacinação até {date}; {number} vagas",
            "{roman} Jornada de Saúde: {date}, {time}",
        )
    )
    return sentence.format(
        date=_date(chance), time=_time(chance), other=_time(chance), name=_name(chance),
        title=chance.choice(_TITLES), place=_place(chance), day=chance.choice(_DAYS),
        number=chance.randrange(1, 3000), roman=chance.choice(("I", "II", "III", "IV", "XV")),
    )  # fmt: skip


def _prescription(chance: random.Random) -> str:
    sentence = chance.choice(
        (
            "{medicine} {amount} {unit} de {hours}/{hours}h",
            "Tomar {amount} {unit} de {medicine} {times}x/dia por {hours} dias",
            "PA {systolic}/{diastolic} mmHg, {pulse} bpm, 3{pulse},5 °C",
            "1/2 comprimido de {medicine} {times}x ao dia, jejum de {hours}h",
            "½ xícara + {amount}{unit}, se febre > 37,{times}ºC",
        )
    )
    return sentence.format(
        medicine=chance.choice(_MEDICINES), unit=chance.choice(_UNITS),
        amount=chance.choice(("1", "2", "500", "2,5", "1.000", "0,9", "21")),
        hours=chance.choice((4, 6, 8, 12)), times=chance.randrange(1, 5),
        systolic=chance.randrange(90, 190), diastolic=chance.randrange(50, 110),
        pulse=chance.randrange(5, 10),
    )  # fmt: skip


def _notice(chance: random.Random) -> str:
    sentence = chance.choice(
        (
            "Dúvidas? Ligue {phone} ou 0800 {number:03} {year}",
            "E-mail: {mail} ou www.saude.pi.gov.br",
            "Traga CPF {cpf}, RG e cartão do SUS (CNS 700 5012 3456 7890)",
            "{street}, nº {number}, {district}, CEP 64{number:03}-120",
            "Exame de {exam}: R$ {number},{cents} à vista, {cents}% de desconto",
            "Exames & consultas @ {hospital}, {floor}º andar, bloco {letter}",
            "Tempo de espera: {cents} min",
            "Emergência: ligue 192 (SAMU)",
            "Campanha {year}: R$ 1,5 milhão p/ {hospital}",
            "{street} {number}, apto {cents}, c/ {title} {name}",
            "{exam} e {exam} em {hospital}, ramal {number}",
        )
    )
    return sentence.format(
        phone=_phone(chance), mail=_mail(chance), cpf=_cpf(chance), street=chance.choice(_STREETS),
        district=chance.choice(_DISTRICTS), hospital=chance.choice(_HOSPITALS),
        exam=chance.choice(_EXAMS), number=chance.randrange(1, 1000),
        cents=chance.randrange(10, 99), year=chance.randrange(1930, 2031),
        floor=chance.randrange(1, 30), name=_name(chance), title=chance.choice(_TITLES),
        letter=chance.choice("ABCDEX"),
    )  # fmt: skip


def _name(chance: random.Random) -> str:
    middle = chance.choice(("", "", f"{chance.choice('ABCDEFGHIJKLMNOPQRSTUVWXYZ')}. "))
    family = f"{chance.choice(_PARTICLES)}{chance.choice(_FAMILY)}{chance.choice(_SUFFIXES)}"
    name = f"{chance.choice(_GIVEN)} {middle}{family}"
    return chance.choice((str, str, str.upper, str.lower))(name)


def _ticket(chance: random.Random) -> str:
    letters = "".join(
        chance.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=chance.choice((0, 1, 1, 1, 2)))
    )
    dash = chance.choice(("", "", "-", " ")) if letters else ""
    digits = f"{chance.randrange(1, 1000):0{chance.choice((1, 2, 3, 4))}}"
    return chance.choice(("", "Senha ", "SENHA ", "senha nº ")) + letters + dash + digits


def _place(chance: random.Random) -> str:
    room = chance.choice(_ROOMS)
    number = chance.choice(("1", "2", "03", "16", "101", "2A", "12-B", "B", "E", "B12", "4 (RX)"))
    where = chance.choice(
        ("", "", ", 3º andar", ", bloco C", ", ala IV", " - 1ª porta", ", 2o andar")
    )
    return chance.choice((chance.choice(_SERVICES), f"{room} {number}{where}"))


def _date(chance: random.Random) -> str:
    day, month, year = (
        chance.randrange(1, 29),
        chance.randrange(1, 13),
        chance.randrange(1930, 2031),
    )
    return chance.choice(
        (
            f"{day:02}/{month:02}/{year}",
            f"{day}/{month}",
            f"{year}-{month:02}-{day:02}",
            f"{day} de {chance.choice(_MONTHS)}",
            f"1º de {chance.choice(_MONTHS)} de {year}",
        )
    )


def _time(chance: random.Random) -> str:
    hour, minute = chance.randrange(24), chance.choice((0, 5, 15, 30, 45))
    return chance.choice(
        (f"{hour}h", f"{hour}h{minute:02}", f"{hour:02}:{minute:02}", f"{hour} hs")
    )


def _phone(chance: random.Random) -> str:
    last = f"{chance.randrange(10000):04}"
    return chance.choice((f"(86) 3221-{last}", f"(11) 98765-{last}", f"+55 86 99912-{last}"))


def _mail(chance: random.Random) -> str:
    host = chance.choice(("gmail.com", "saude.gov.br", "hospital.com.br", "hotmail.com"))
    return f"{chance.choice(('maria', 'joao.silva', 'contato', 'ana_lima', 'sac2'))}@{host}"


def _cpf(chance: random.Random) -> str:
    groups = [f"{chance.randrange(1000):03}" for _ in range(3)]
    return f"{'.'.join(groups)}-{chance.randrange(100):02}"


_KINDS: tuple[Callable[[random.Random], str], ...] = (
    _call, _call, _call, _courtesy, _courtesy, _appointment, _prescription, _notice,
)  # fmt: skip
