/// A kind that every Kubernetes has, and the names that kubectl takes for it.
struct BuiltInKind: Sendable {
    let plural: String
    let kind: String
    /// Empty for core.
    let group: String
    let shortNames: [String]

    private init(_ plural: String, _ kind: String, _ shortNames: String...) {
        let (name, group) = plural.splitAtFirstDot
        (self.plural, self.kind, self.group, self.shortNames) = (name, kind, group ?? "", shortNames)
    }

    /// All of it in lower case. The singular is the kind in lower case, for every one of these.
    var spellings: [String] {
        [plural, kind.lowercased()] + shortNames
    }

    /// What `kubectl api-resources` lists on Kubernetes 1.31 to 1.36, alpha groups included, and what older clusters
    /// had and the archive may remember.
    static let all: [BuiltInKind] = [
        BuiltInKind("bindings", "Binding"),
        BuiltInKind("componentstatuses", "ComponentStatus", "cs"),
        BuiltInKind("configmaps", "ConfigMap", "cm"),
        BuiltInKind("endpoints", "Endpoints", "ep"),
        BuiltInKind("events", "Event", "ev"),
        BuiltInKind("limitranges", "LimitRange", "limits"),
        BuiltInKind("namespaces", "Namespace", "ns"),
        BuiltInKind("nodes", "Node", "no"),
        BuiltInKind("persistentvolumeclaims", "PersistentVolumeClaim", "pvc"),
        BuiltInKind("persistentvolumes", "PersistentVolume", "pv"),
        BuiltInKind("pods", "Pod", "po"),
        BuiltInKind("podtemplates", "PodTemplate"),
        BuiltInKind("replicationcontrollers", "ReplicationController", "rc"),
        BuiltInKind("resourcequotas", "ResourceQuota", "quota"),
        BuiltInKind("secrets", "Secret"),
        BuiltInKind("serviceaccounts", "ServiceAccount", "sa"),
        BuiltInKind("services", "Service", "svc"),
        BuiltInKind("mutatingadmissionpolicies.admissionregistration.k8s.io", "MutatingAdmissionPolicy"),
        BuiltInKind("mutatingadmissionpolicybindings.admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"),
        BuiltInKind("mutatingwebhookconfigurations.admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
        BuiltInKind("validatingadmissionpolicies.admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
        BuiltInKind(
            "validatingadmissionpolicybindings.admissionregistration.k8s.io",
            "ValidatingAdmissionPolicyBinding"
        ),
        BuiltInKind("validatingwebhookconfigurations.admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        BuiltInKind("customresourcedefinitions.apiextensions.k8s.io", "CustomResourceDefinition", "crd", "crds"),
        BuiltInKind("apiservices.apiregistration.k8s.io", "APIService"),
        BuiltInKind("controllerrevisions.apps", "ControllerRevision"),
        BuiltInKind("daemonsets.apps", "DaemonSet", "ds"),
        BuiltInKind("deployments.apps", "Deployment", "deploy"),
        BuiltInKind("replicasets.apps", "ReplicaSet", "rs"),
        BuiltInKind("statefulsets.apps", "StatefulSet", "sts"),
        BuiltInKind("selfsubjectreviews.authentication.k8s.io", "SelfSubjectReview"),
        BuiltInKind("tokenreviews.authentication.k8s.io", "TokenReview"),
        BuiltInKind("localsubjectaccessreviews.authorization.k8s.io", "LocalSubjectAccessReview"),
        BuiltInKind("selfsubjectaccessreviews.authorization.k8s.io", "SelfSubjectAccessReview"),
        BuiltInKind("selfsubjectrulesreviews.authorization.k8s.io", "SelfSubjectRulesReview"),
        BuiltInKind("subjectaccessreviews.authorization.k8s.io", "SubjectAccessReview"),
        BuiltInKind("horizontalpodautoscalers.autoscaling", "HorizontalPodAutoscaler", "hpa"),
        BuiltInKind("cronjobs.batch", "CronJob", "cj"),
        BuiltInKind("jobs.batch", "Job"),
        BuiltInKind("certificatesigningrequests.certificates.k8s.io", "CertificateSigningRequest", "csr"),
        BuiltInKind("clustertrustbundles.certificates.k8s.io", "ClusterTrustBundle"),
        BuiltInKind("podcertificaterequests.certificates.k8s.io", "PodCertificateRequest"),
        BuiltInKind("leasecandidates.coordination.k8s.io", "LeaseCandidate"),
        BuiltInKind("leases.coordination.k8s.io", "Lease"),
        BuiltInKind("endpointslices.discovery.k8s.io", "EndpointSlice"),
        BuiltInKind("events.events.k8s.io", "Event", "ev"),
        BuiltInKind("flowschemas.flowcontrol.apiserver.k8s.io", "FlowSchema"),
        BuiltInKind("prioritylevelconfigurations.flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"),
        BuiltInKind("storageversions.internal.apiserver.k8s.io", "StorageVersion"),
        BuiltInKind("ingressclasses.networking.k8s.io", "IngressClass"),
        BuiltInKind("ingresses.networking.k8s.io", "Ingress", "ing"),
        BuiltInKind("ipaddresses.networking.k8s.io", "IPAddress", "ip"),
        BuiltInKind("networkpolicies.networking.k8s.io", "NetworkPolicy", "netpol"),
        BuiltInKind("servicecidrs.networking.k8s.io", "ServiceCIDR"),
        BuiltInKind("runtimeclasses.node.k8s.io", "RuntimeClass"),
        BuiltInKind("poddisruptionbudgets.policy", "PodDisruptionBudget", "pdb"),
        BuiltInKind("podsecuritypolicies.policy", "PodSecurityPolicy", "psp"),
        BuiltInKind("clusterrolebindings.rbac.authorization.k8s.io", "ClusterRoleBinding"),
        BuiltInKind("clusterroles.rbac.authorization.k8s.io", "ClusterRole"),
        BuiltInKind("rolebindings.rbac.authorization.k8s.io", "RoleBinding"),
        BuiltInKind("roles.rbac.authorization.k8s.io", "Role"),
        BuiltInKind("deviceclasses.resource.k8s.io", "DeviceClass"),
        BuiltInKind("devicetaintrules.resource.k8s.io", "DeviceTaintRule"),
        BuiltInKind("resourceclaims.resource.k8s.io", "ResourceClaim"),
        BuiltInKind("resourceclaimtemplates.resource.k8s.io", "ResourceClaimTemplate"),
        BuiltInKind("resourceslices.resource.k8s.io", "ResourceSlice"),
        BuiltInKind("priorityclasses.scheduling.k8s.io", "PriorityClass", "pc"),
        BuiltInKind("csidrivers.storage.k8s.io", "CSIDriver"),
        BuiltInKind("csinodes.storage.k8s.io", "CSINode"),
        BuiltInKind("csistoragecapacities.storage.k8s.io", "CSIStorageCapacity"),
        BuiltInKind("storageclasses.storage.k8s.io", "StorageClass", "sc"),
        BuiltInKind("volumeattachments.storage.k8s.io", "VolumeAttachment"),
        BuiltInKind("volumeattributesclasses.storage.k8s.io", "VolumeAttributesClass", "vac"),
        BuiltInKind("storageversionmigrations.storagemigration.k8s.io", "StorageVersionMigration"),
    ]
}

extension String {
    /// `deployments.v1.apps` as `deployments` and `v1.apps`; nil behind if there is no dot.
    var splitAtFirstDot: (String, String?) {
        guard let dot = utf8.firstIndex(of: UInt8(ascii: ".")) else { return (self, nil) }
        return (String(self[..<dot]), String(self[utf8.index(after: dot)...]))
    }
}
