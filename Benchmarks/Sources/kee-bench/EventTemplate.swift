/// A sort of event, as Kubernetes' own components report it.
struct EventTemplate {
    /// How often it comes, relative to the others.
    let weight: Double
    let reason: String
    var kind = "Pod"
    var apiVersion = "v1"
    var component = "kubelet"
    var isWarning = false
    /// Whether it is about one container, which the field path then names.
    var ofContainer = false
    /// How often it is seen again, with a count that rises, for one that is new.
    var repetition = 0
    let message: @Sendable (Place) -> String

    /// What messages speak of.
    struct Place {
        let namespace: String
        let object: String
        let node: String
        let container: String
        let image: String
        let number: Int
        let uid: String
    }

    /// The weights follow what busy clusters show: the lives of pods, then what goes wrong with them.
    static let all: [EventTemplate] = lives + troubles + controllers

    private static let lives: [EventTemplate] = [
        EventTemplate(weight: 9, reason: "Scheduled", component: "default-scheduler") {
            "Successfully assigned \($0.namespace)/\($0.object) to \($0.node)"
        },
        EventTemplate(weight: 7, reason: "Pulling", ofContainer: true) { "Pulling image \"\($0.image)\"" },
        EventTemplate(weight: 16, reason: "Pulled", ofContainer: true) {
            "Successfully pulled image \"\($0.image)\" in 1.\($0.number)s (2.\($0.number)s including waiting). "
                + "Image size: \($0.number)7310 bytes."
        },
        EventTemplate(weight: 11, reason: "Created", ofContainer: true) { "Container created: \($0.container)" },
        EventTemplate(weight: 11, reason: "Started", ofContainer: true) { "Container started: \($0.container)" },
        EventTemplate(weight: 6, reason: "Killing", ofContainer: true) { "Stopping container \($0.container)" },
    ]

    private static let troubles: [EventTemplate] = [
        EventTemplate(weight: 12, reason: "Unhealthy", isWarning: true, ofContainer: true, repetition: 6) {
            "Readiness probe failed: Get \"http://10.42.3.\($0.number % 250):8080/ready\": context deadline exceeded "
                + "(Client.Timeout exceeded while awaiting headers)"
        },
        EventTemplate(weight: 7, reason: "BackOff", isWarning: true, ofContainer: true, repetition: 9) {
            "Back-off restarting failed container \($0.container) in pod \($0.object)_\($0.namespace)(\($0.uid))"
        },
        EventTemplate(
            weight: 3,
            reason: "FailedScheduling",
            component: "default-scheduler",
            isWarning: true,
            repetition: 3
        ) {
            "0/\($0.number % 90) nodes are available: 3 Insufficient cpu, 4 node(s) had untolerated taint(s), 12 node(s) "
                + "didn't match Pod's node affinity/selector. preemption: 0/\($0.number % 90) nodes are available: "
                + "19 Preemption is not helpful for scheduling."
        },
        EventTemplate(weight: 2, reason: "FailedMount", isWarning: true, repetition: 4) {
            "MountVolume.SetUp failed for volume \"kube-api-access-\($0.number)\" : failed to sync configmap cache: "
                + "timed out waiting for the condition"
        },
    ]

    private static let controllers: [EventTemplate] = [
        EventTemplate(
            weight: 5,
            reason: "SuccessfulCreate",
            kind: "ReplicaSet",
            apiVersion: "apps/v1",
            component: "replicaset-controller"
        ) { "Created pod: \($0.object)-\($0.number)" },
        EventTemplate(
            weight: 3,
            reason: "ScalingReplicaSet",
            kind: "Deployment",
            apiVersion: "apps/v1",
            component: "deployment-controller"
        ) { "Scaled up replica set \($0.object)-6d5f\($0.number) from 1 to \($0.number % 20)" },
        EventTemplate(
            weight: 2,
            reason: "Completed",
            kind: "Job",
            apiVersion: "batch/v1",
            component: "job-controller"
        ) { _ in "Job completed" },
        EventTemplate(
            weight: 2,
            reason: "FailedGetResourceMetric",
            kind: "HorizontalPodAutoscaler",
            apiVersion: "autoscaling/v2",
            component: "horizontal-pod-autoscaler",
            isWarning: true,
            repetition: 20
        ) { _ in
            "failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource "
                + "metrics API"
        },
    ]
}
