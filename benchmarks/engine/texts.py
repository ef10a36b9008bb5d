"""What is spoken in the benchmark."""

from __future__ import annotations

SENTENCE = "Senha a zero quarenta e dois, dirija-se ao consultório três."
"""Spoken by both sides for exactly `TOKENS` audio tokens wherever they are compared."""

TOKENS = 86
"""3.99 s of audio at 1024 / 22 050 s a token."""

STREAMED = (
    "Senha quarenta e dois, guichê um.",
    "Maria da Silva, consultório três.",
    SENTENCE,
    "João Pedro de Oliveira, por favor compareça à sala de coleta número cinco.",
    "Atenção, senhora Beatriz Almeida Cavalcanti, o doutor Augusto aguarda no segundo andar.",
    "Senha bê cento e vinte e sete, dirija-se à recepção da ala norte para confirmar os dados.",
    "Ana Luísa, sala dois.",
    "Atenção, pacientes da oftalmologia: o atendimento da tarde começa em quinze minutos.",
    "Atenção, Carlos Eduardo Nogueira. Compareça ao consultório número oito, no primeiro andar. "
    "Traga os exames e um documento com fotografia.",
    "Bom dia a todos que aguardam no ambulatório central. Hoje a coleta de sangue atende por ordem "
    "de chegada até as onze horas. Quem precisar de ajuda pode procurar a recepção.",
)
"""Streams whose lengths the model decides: short calls, long ones, and three sentences each."""
