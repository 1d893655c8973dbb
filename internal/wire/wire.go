// Package wire is the only place that knows how things look on the wire: JSON documents of the device and control planes, ARNs,
// validation texts, and the table of errors. Its documents are not domain types: both planes and MQTT differ in times, nulls and the
// form of a job document, so plain functions convert here and the domain stays free. It knows no HTTP server and no service.
package wire
