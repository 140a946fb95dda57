import EventModel
import JSON

/// One event before it is written as the API server sends it.
struct GeneratedEvent {
    let template: EventTemplate
    let place: EventTemplate.Place
    let name: String
    let uid: String
    let resourceVersion: Int64
    let microseconds: Int64
    let count: Int

    /// The scheduler reports through events.k8s.io: its time is `eventTime`, and classic fields are null.
    private var isNewStyle: Bool { template.component == "default-scheduler" }
    private var first: Int64 { microseconds - Int64(count - 1) * 61_000_000 }

    var json: [UInt8] {
        var output = JSONOutput(capacity: 1_200)
        output.write("{\"kind\":\"Event\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":")
        output.write(string: name)
        output.write(",\"namespace\":")
        output.write(string: place.namespace)
        output.write(",\"uid\":")
        output.write(string: uid)
        output.write(",\"resourceVersion\":\"")
        output.write(resourceVersion)
        output.write("\",\"creationTimestamp\":")
        output.write(timestamp: first, form: .seconds)
        output.write("},\"involvedObject\":{\"kind\":")
        output.write(string: template.kind)
        output.write(",\"namespace\":")
        output.write(string: place.namespace)
        output.write(",\"name\":")
        output.write(string: place.object)
        output.write(",\"uid\":")
        output.write(string: place.uid)
        output.write(",\"apiVersion\":")
        output.write(string: template.apiVersion)
        output.write(",\"resourceVersion\":\"")
        output.write(resourceVersion - 17)
        output.write("\"")
        if template.ofContainer {
            output.write(",\"fieldPath\":")
            output.write(string: "spec.containers{\(place.container)}")
        }
        output.write("},\"reason\":")
        output.write(string: template.reason)
        output.write(",\"message\":")
        output.write(string: template.message(place))
        writeSourceAndTimes(to: &output)
        output.write(",\"type\":")
        output.write(string: template.isWarning ? "Warning" : "Normal")
        writeReporter(to: &output)
        output.write("}")
        return output.bytes
    }

    private func writeSourceAndTimes(to output: inout JSONOutput) {
        if isNewStyle {
            output.write(",\"source\":{},\"firstTimestamp\":null,\"lastTimestamp\":null")
            return
        }
        output.write(",\"source\":{\"component\":")
        output.write(string: template.component)
        if template.component == "kubelet" {
            output.write(",\"host\":")
            output.write(string: place.node)
        }
        output.write("},\"firstTimestamp\":")
        output.write(timestamp: first, form: .seconds)
        output.write(",\"lastTimestamp\":")
        output.write(timestamp: microseconds, form: .seconds)
        output.write(",\"count\":")
        output.write(count)
    }

    private func writeReporter(to output: inout JSONOutput) {
        if isNewStyle {
            output.write(",\"eventTime\":")
            output.write(timestamp: microseconds, form: .microseconds)
            output.write(",\"action\":\"Binding\",\"reportingComponent\":\"default-scheduler\"")
            output.write(",\"reportingInstance\":\"default-scheduler-control-plane-1\"")
            return
        }
        output.write(",\"eventTime\":null,\"reportingComponent\":")
        output.write(string: template.component)
        output.write(",\"reportingInstance\":")
        output.write(string: template.component == "kubelet" ? place.node : "")
    }
}
