#!/usr/bin/env python3
"""Makes demo/events.ndjson.gz from a folder of recorded answers of one kube-apiserver.

    demo/make-recording.py FOLDER [OUTPUT]

FOLDER holds, in any mixture,
  *.jsonl  bodies of watches, one frame a line;
  *.http   raw bytes of an answer: headers, then a chunked body with watch frames;
  *.json   an EventList or List, or a record {"request":..,"body":..} around one.
Only core/v1 Events are taken. Subfolders are not read: they hold other clusters, and the resourceVersions of two
clusters have no common order.
"""

import gzip
import json
import sys
from pathlib import Path

# Namespaces that probed the API server with made-up events (odd types, messages of 200 000 bytes, floods).
PROBES = {"direct", "storm", "ttl"}


def body_of_http(raw):
    """The body of a raw HTTP/1.1 answer; a recording may end in the middle of a chunk."""
    head, _, rest = raw.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" not in head.lower():
        return rest
    body = b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        try:
            length = int(size, 16)
        except ValueError:
            break
        if length == 0:
            break
        body += rest[:length]
        rest = rest[length + 2 :]
    return body


def observations_of_frames(text):
    for line in text.splitlines():
        try:
            frame = json.loads(line)
        except ValueError:
            continue  # The stream was cut here.
        if frame.get("type") in ("ADDED", "MODIFIED"):
            yield frame["object"]


def observations_of_list(text):
    document = json.loads(text)
    body = document.get("body", document)
    if not isinstance(body, dict) or body.get("apiVersion") != "v1":
        return
    if body.get("kind") in ("EventList", "List"):
        yield from body.get("items") or []


def sources(folder):
    """(rank, events) of each file. The lowest rank wins: a watch's frame is nearest to what a collector receives,
    and kubectl drops managedFields and sorts the keys."""
    for path in sorted(folder.iterdir()):
        if path.suffix == ".jsonl":
            yield 0, observations_of_frames(path.read_text())
        elif path.suffix == ".http":
            yield 1, observations_of_frames(body_of_http(path.read_bytes()).decode("utf-8", "replace"))
        elif path.suffix == ".json":
            yield 3 if path.name.startswith("kubectl") else 2, observations_of_list(path.read_text())


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: make-recording.py FOLDER [OUTPUT]")
    output = Path(sys.argv[2]) if len(sys.argv) == 3 else Path(__file__).with_name("events.ndjson.gz")

    best = {}  # (resourceVersion, uid) to (rank, event)
    for rank, events in sources(Path(sys.argv[1])):
        for event in events:
            metadata = event.get("metadata", {})
            uid, version = metadata.get("uid"), metadata.get("resourceVersion")
            if "involvedObject" not in event or not uid or not version or metadata.get("namespace") in PROBES:
                continue
            key = (int(version), uid)
            if key not in best or rank < best[key][0]:
                best[key] = (rank, event)

    lines, known = [], set()
    for key in sorted(best):
        event = best[key][1]
        # Items of a list carry neither kind nor apiVersion; frames of a watch begin with both.
        event = {"kind": "Event", "apiVersion": "v1"} | event
        frame = {"type": "MODIFIED" if key[1] in known else "ADDED", "object": event}
        known.add(key[1])
        lines.append(json.dumps(frame, ensure_ascii=False, separators=(",", ":")) + "\n")
    if not lines:
        sys.exit(f"no core/v1 Events found in {sys.argv[1]}")

    # No name and no time in the gzip header: the same recordings give the same bytes.
    with open(output, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write("".join(lines).encode("utf-8"))
    print(f"{output}: {len(lines)} observations of {len(known)} events, {output.stat().st_size} bytes")


if __name__ == "__main__":
    main()
