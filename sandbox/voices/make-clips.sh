#!/bin/sh
# Speaks every sentence of clips.json anew and writes the clips and their lengths.
# Needs flite, sox and opus-tools (Debian: apt-get install flite sox opus-tools) and Node.
set -eu
cd "$(dirname "$0")/clips"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

node -p 'JSON.parse(require("fs").readFileSync("clips.json")).map((c) => [c.name, c.voice, c.text].join("\t")).join("\n")' |
  while IFS="$(printf '\t')" read -r name voice text; do
    flite -voice "$voice" -t "$text" -o "$work/spoken.wav"
    # Silence at both ends away, all voices equally loud, and a breath of silence so that nothing begins in the middle of a sound.
    sox -D "$work/spoken.wav" -c 1 -r 48000 "$work/$name.wav" \
      silence 1 0.01 0.5% reverse silence 1 0.01 0.5% reverse norm -3 pad 0.1 0.1
    # The fixed serial number makes the same sentence the same bytes.
    opusenc --quiet --speech --bitrate 20 --serial 1 --discard-comments "$work/$name.wav" "$name.opus"
    printf '%s\t%s\n' "$name" "$(soxi -D "$work/$name.wav")" >>"$work/lengths"
  done

LENGTHS="$work/lengths" node -e '
  const fs = require("fs")
  const seconds = new Map(fs.readFileSync(process.env.LENGTHS, "utf8").trim().split("\n").map((line) => line.split("\t")))
  const clips = JSON.parse(fs.readFileSync("clips.json", "utf8"))
  for (const clip of clips) clip.durationMs = Math.round(Number(seconds.get(clip.name)) * 1000)
  fs.writeFileSync("clips.json", JSON.stringify(clips, null, 2) + "\n")
'
