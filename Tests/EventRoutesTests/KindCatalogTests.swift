import EventReader
import EventSchema
import Testing

@testable import EventRoutes

@Suite("Kinds, as kubectl takes them")
struct KindCatalogTests {
    let seen = KindCatalog(
        seen: [
            ObjectKind(apiVersion: "v1", kind: "Pod"),
            ObjectKind(apiVersion: "v1", kind: "pod"),
            ObjectKind(apiVersion: "apps/v1", kind: "Deployment"),
            ObjectKind(apiVersion: "extensions/v1beta1", kind: "Deployment"),
            ObjectKind(apiVersion: "cert-manager.io/v1", kind: "Certificate"),
            ObjectKind(apiVersion: "kyverno.io/v1", kind: "ClusterPolicy"),
            ObjectKind(apiVersion: "traefik.io/v1", kind: "Ingress"),
            ObjectKind(apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway"),
            ObjectKind(apiVersion: "serving.knative.dev/v1", kind: "Service"),
            ObjectKind(apiVersion: "", kind: ""),
        ]
    )

    @Test(
        arguments: [
            ("pod", "Pod"), ("pods", "Pod"), ("po", "Pod"), ("Pod", "Pod"), ("PODS", "Pod"), ("deploy", "Deployment"),
            ("deployments", "Deployment"), ("sts", "StatefulSet"), ("ds", "DaemonSet"), ("rs", "ReplicaSet"),
            ("cj", "CronJob"), ("job", "Job"), ("hpa", "HorizontalPodAutoscaler"), ("no", "Node"), ("svc", "Service"),
            ("ep", "Endpoints"), ("endpoints", "Endpoints"), ("ing", "Ingress"), ("ingresses", "Ingress"),
            ("netpol", "NetworkPolicy"), ("networkpolicies", "NetworkPolicy"), ("pvc", "PersistentVolumeClaim"),
            ("cm", "ConfigMap"), ("ns", "Namespace"), ("pdb", "PodDisruptionBudget"),
            ("crd", "CustomResourceDefinition"),
            ("ev", "Event"), ("lease", "Lease"), ("csr", "CertificateSigningRequest"), ("sc", "StorageClass"),
            ("ipaddresses", "IPAddress"), ("componentstatuses", "ComponentStatus"),
        ]
    )
    func builtIn(text: String, kind: String) {
        #expect(KindCatalog.builtIn.kinds(for: text) == [KindReference(kind: kind)])
    }

    @Test(
        arguments: [
            ("deployments.apps", "Deployment", "apps"), ("deployment.v1.apps", "Deployment", "apps"),
            ("deploy.apps", "Deployment", "apps"), ("Deployments.V1.Apps", "Deployment", "apps"),
            ("pods.v1.", "Pod", ""), ("jobs.batch", "Job", "batch"), ("cronjobs.v1beta1.batch", "CronJob", "batch"),
            ("ingresses.networking.k8s.io", "Ingress", "networking.k8s.io"),
            // kubectl takes the beginning of a group where no group is meant exactly.
            ("ingress.networking", "Ingress", "networking.k8s.io"),
        ]
    )
    func withAGroup(text: String, kind: String, group: String) {
        #expect(KindCatalog.builtIn.kinds(for: text) == [KindReference(kind: kind, group: group)])
    }

    @Test(
        arguments: [
            "web", "web-1", "", ".", "pod.", "pods.v1", "pods.apps", "deployments.v1.batch", "deployments.x1.apps",
            "deployments.v1beta.apps", "pod/web", "podd", "certificates", "certificates.cert-manager.io",
            "pod.example.com",
        ]
    )
    func noKind(text: String) {
        #expect(KindCatalog.builtIn.kinds(for: text) == nil)
    }

    @Test(
        arguments: [
            ("certificate", "Certificate", nil), ("certificates", "Certificate", nil),
            ("Certificate", "Certificate", nil),
            ("certificates.cert-manager.io", "Certificate", "cert-manager.io"),
            ("certificate.v1.cert-manager.io", "Certificate", "cert-manager.io"),
            ("certificates.cert-manager", "Certificate", "cert-manager.io"),
            ("clusterpolicies", "ClusterPolicy", nil), ("gateways", "Gateway", nil),
            ("ingresses.traefik.io", "Ingress", "traefik.io"),
            ("deployments.extensions", "Deployment", "extensions"), ("deployments.apps", "Deployment", "apps"),
            ("services.serving.knative.dev", "Service", "serving.knative.dev"),
        ] as [(String, String, String?)]
    )
    func seenInTheArchive(text: String, kind: String, group: String?) {
        #expect(seen.kinds(for: text) == [KindReference(kind: kind, group: group)])
    }

    @Test func withoutAGroupAnyGroupIsMeant() {
        #expect(seen.kinds(for: "ingresses") == [KindReference(kind: "Ingress")])
        #expect(seen.kinds(for: "svc") == [KindReference(kind: "Service")])
    }

    @Test func anAuthorsOwnSpellingOfAKindIsFoundToo() {
        #expect(seen.kinds(for: "Pod") == [KindReference(kind: "Pod"), KindReference(kind: "pod")])
    }

    @Test func theTableIsConsistent() {
        var owners: [String: [BuiltInKind]] = [:]
        for resource in BuiltInKind.all {
            for spelling in Set(resource.spellings) {
                #expect(spelling == spelling.lowercased())
                owners[spelling, default: []].append(resource)
            }
        }
        for (spelling, resources) in owners where resources.count > 1 {
            #expect(Set(resources.map(\.group)).count == resources.count, "\(spelling) is used twice in a group")
        }
    }

    @Test func intersections() {
        let any = KindReference(kind: "Deployment")
        let apps = KindReference(kind: "Deployment", group: "apps")
        let old = KindReference(kind: "Deployment", group: "extensions")
        let pod = KindReference(kind: "Pod")
        #expect([any].intersection([apps, old, pod]) == [apps, old])
        #expect([apps].intersection([any]) == [apps])
        #expect([apps].intersection([old]) == [])
        #expect([any, pod].intersection([pod]) == [pod])
    }
}
