"""One frozen settings object; every value can be set by an `EXPERT_DRAW_…` variable.

The keys have no defaults: they are made as 0600 files on first use (`foundation/keys.py`),
never read from the environment. Whether an installation is a demonstration is not a
setting: the stamp in its database says so.
"""

from pathlib import Path
from typing import Final

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX: Final = "EXPERT_DRAW_"
LEVELS: Final = "(?i)^(debug|info|warning|error|critical)$"
DATABASES: Final = r"^$|^postgres(ql)?(\+psycopg)?://.+|^sqlite:///.+"
ADDRESSES: Final = r"^$|^[0-9A-Fa-f.:]+(,[0-9A-Fa-f.:]+)*$"
PORTS: Final = r"^$|^\d{1,5}-\d{1,5}$"
TURN_URLS: Final = r"^$|^turns?:[^\s,]+(,turns?:[^\s,]+)*$"


class Settings(BaseSettings):
    """Where things are and how the service is reached. docs/settings.md explains each."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, populate_by_name=True)

    home: Path = Field(Path("var"), description="Folder of databases, files and keys.")
    database_url: str = Field(
        "",
        pattern=DATABASES,
        repr=False,
        validation_alias=AliasChoices(f"{PREFIX}DATABASE_URL", "DATABASE_URL"),
        description="URL of the main database; empty: a file in the home.",
    )
    vault_database_url: str = Field(
        "", pattern=DATABASES, repr=False, description="URL of the vault's; empty: its own file."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    public_origin: str = Field("", description="Origin that browsers use; empty: as asked.")
    tls_cert: Path | None = Field(None, description="Certificate chain in PEM form.")
    tls_key: Path | None = Field(None, description="Key of the certificate in PEM form.")
    log_origin: str = Field("", description="Origin line of the ledger's checkpoints.")
    operator: str = Field("", description="Name of the legal body that runs the machine.")
    overlay: str = Field("national", description="Name of the local rule overlay in force.")
    media_addresses: str = Field(
        "", pattern=ADDRESSES, description="Addresses where sound and picture come in, by commas."
    )
    media_announce: str = Field(
        "", pattern=ADDRESSES, description="Address that browsers are told instead of these."
    )
    media_ports: str = Field(
        "40000-40999", pattern=PORTS, description="UDP ports of sound and picture; empty: any."
    )
    turn_urls: str = Field(
        "", pattern=TURN_URLS, description="TURN server of this installation, by commas."
    )
    recordings: Path | None = Field(None, description="Folder of recordings; empty: in the home.")
    log_level: str = Field("info", pattern=LEVELS, description="Least level of log lines.")

    @property
    def database(self) -> Path:
        """Main database file, where no URL names another database."""
        return self.home / "main.db"

    @property
    def vault_database(self) -> Path:
        """The vault's own database file, likewise; nothing else opens it."""
        return self.home / "vault.db"

    @property
    def main_store(self) -> Path | str:
        """File or URL of the main database."""
        return self.database_url or self.database

    @property
    def vault_store(self) -> Path | str:
        """File or URL of the vault's database."""
        return self.vault_database_url or self.vault_database

    @property
    def keys(self) -> Path:
        """Folder of key files, outside both databases."""
        return self.home / "keys"

    @property
    def classification(self) -> Path:
        """Folder of corrected classification files, where an install has some."""
        return self.home / "classification"

    @property
    def recordings_folder(self) -> Path:
        """Folder of sealed recordings; mostly a disk of its own."""
        return self.recordings or self.home / "recordings"

    @property
    def files(self) -> Path:
        """Folder of uploaded documents, named by their hash."""
        return self.home / "files"
