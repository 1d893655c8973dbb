"""Plays single calls with boto3: a JSON object per line on stdin asks, one per line on stdout answers. driver_test.go has both."""

import datetime
import json
import sys

import boto3
import botocore
from botocore.config import Config
from botocore.exceptions import ClientError

SESSION = boto3.Session()  # reads the models once; each call has a client of its own


def main():
    say({"hello": f"boto3 {boto3.__version__}"})
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            say(describe(asked) if asked.get("describe") else play(asked))
        except Exception as e:  # whatever it is, the case shall fail and say why
            say({"broken": f"{type(e).__name__}: {e}"})


def say(answer):
    print(json.dumps(answer, default=plain), flush=True)


def plain(value):
    if isinstance(value, datetime.datetime):
        return {"$date": value.astimezone(datetime.timezone.utc).isoformat()}
    raise TypeError(f"{type(value).__name__} in an answer")


def play(asked):
    try:
        return {"output": call(client(asked), asked)}
    except ClientError as e:
        error, metadata = e.response["Error"], e.response["ResponseMetadata"]
        members = {k: v for k, v in e.response.items() if k not in ("Error", "ResponseMetadata", "message")}
        return {
            "error": {
                "type": error["Code"],
                "status": metadata["HTTPStatusCode"],
                "message": error["Message"],
                "modelled": type(e) is not ClientError and type(e).__name__ == error["Code"],
                "members": members,
            }
        }


def call(client, asked):
    method = botocore.xform_name(asked["operation"])
    if asked.get("pageSize"):
        pages = client.get_paginator(method).paginate(**asked["input"], PaginationConfig={"PageSize": asked["pageSize"]})
        return pages.build_full_result()
    output = getattr(client, method)(**asked["input"])
    del output["ResponseMetadata"]
    return output


def client(asked):
    if asked.get("clockOffsetMs") or asked.get("signingName"):
        raise ValueError("boto3 signs in its own way only")
    config = Config(retries={"total_max_attempts": asked["attempts"]}, read_timeout=30)
    if asked.get("unsigned"):
        config = config.merge(Config(signature_version=botocore.UNSIGNED))
    keys = asked["credentials"]
    return SESSION.client(
        asked["service"],
        endpoint_url=asked["endpoint"],
        region_name=asked["region"],
        aws_access_key_id=keys["accessKeyId"],
        aws_secret_access_key=keys["secretAccessKey"],
        aws_session_token=keys.get("sessionToken"),
        verify=asked.get("ca"),
        config=config,
    )


def describe(asked):
    """The operations of a service, as AWS models them."""
    model = SESSION.client(asked["service"], region_name="us-east-1").meta.service_model
    operations = (model.operation_model(name) for name in model.operation_names)
    return {
        "operations": [
            {
                "name": o.name,
                "method": o.http["method"],
                "path": o.http["requestUri"],
                "errors": [e.name for e in o.error_shapes],
            }
            for o in operations
        ]
    }


if __name__ == "__main__":
    main()
