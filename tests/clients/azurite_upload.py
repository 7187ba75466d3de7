"""Puts a folder into two containers of an Azure emulator, one private and one public, and prints two signatures.

Arguments: the emulator's address, the folder, the containers' common name. Prints `sas TOKEN`, which is good for
reading and listing the private container, and `expired TOKEN`, which was that an hour ago.
"""

import datetime
import pathlib
import sys

from azure.core.exceptions import ResourceExistsError
from azure.storage.blob import BlobServiceClient, ContainerSasPermissions, PublicAccess, generate_container_sas

# The account and key that every emulator of Azure Storage has; they are no secret.
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

address, folder, name = sys.argv[1:]
service = BlobServiceClient(f"{address}/{ACCOUNT}", credential={"account_name": ACCOUNT, "account_key": KEY})
for container, access in [(name, None), (f"{name}-public", PublicAccess.CONTAINER)]:
    try:
        client = service.create_container(container, public_access=access)
    except ResourceExistsError:
        client = service.get_container_client(container)
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.is_file():
            client.upload_blob(path.relative_to(folder).as_posix(), path.read_bytes(), overwrite=True)

now = datetime.datetime.now(datetime.timezone.utc)
hour = datetime.timedelta(hours=1)
for word, expiry in [("sas", now + hour), ("expired", now - hour)]:
    permission = ContainerSasPermissions(read=True, list=True)
    token = generate_container_sas(
        ACCOUNT, name, account_key=KEY, permission=permission, start=now - 2 * hour, expiry=expiry
    )
    print(word, token)
