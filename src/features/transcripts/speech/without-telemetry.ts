/**
 * onnxruntime 1.30 has an uploader of usage data and keeps its files in the temporary folder and the home of whoever loads it. It looks for
 * this once, when it is loaded; so this module is evaluated before it. Found in the library's strings and by the files, 2026-11.
 */
// biome-ignore lint/style/noProcessEnv: the library looks nowhere else.
process.env.ORT_DISABLE_TELEMETRY = '1'

export {}
