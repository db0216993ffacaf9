package entity

import (
	"strings"

	"github.com/clew-sec/clew/alert"
)

func (c *collector) cloud(ev alert.Evidence, depth int) bool {
	switch e := ev.(type) {
	case *alert.CloudApplicationEvidence:
		c.cloudApp(e)
	case *alert.OauthApplicationEvidence:
		c.id(App, "appId", "", normalGUID(e.AppID))
		c.id(App, "objectId", "", normalGUID(e.ObjectID))
		if len(c.ids) == c.mark {
			c.id(App, "name", folded(e.Publisher), folded(e.DisplayName))
		}
		c.done(App, firstOf(e.DisplayName, e.AppID), false)
	case *alert.AzureResourceEvidence:
		c.azure(e)
	case *alert.AmazonResourceEvidence:
		c.id(CloudResource, "arn", folded(e.AmazonAccountID), folded(e.AmazonResourceID))
		c.done(CloudResource, firstOf(e.ResourceName, e.AmazonResourceID), false)
	case *alert.GoogleCloudResourceEvidence:
		c.google(e)
	case *alert.BlobContainerEvidence:
		c.blobContainer(e)
	case *alert.BlobEvidence:
		c.blob(e, depth)
	case *alert.SASTokenEvidence:
		c.id(Session, "sasToken", "", folded(e.SignatureHash))
		c.done(Session, "SAS token", false)
		if e.StorageResource != nil {
			c.inner(func() { c.azure(e.StorageResource) })
		}
	default:
		return false
	}
	return true
}

func (c *collector) cloudApp(e *alert.CloudApplicationEvidence) {
	id := number(e.AppID)
	if id == "" {
		id = number(e.SaaSAppID)
	}
	c.id(App, "cloudAppId", number(e.InstanceID), id)
	if id == "" {
		c.id(App, "name", folded(e.InstanceName), folded(e.DisplayName))
	}
	c.done(App, firstOf(e.DisplayName, e.InstanceName), false)
}

func (c *collector) azure(e *alert.AzureResourceEvidence) {
	id := strings.Trim(folded(e.ResourceID), "/")
	c.id(CloudResource, "azureId", "", id)
	if id == "" {
		c.id(CloudResource, "name", folded(e.ResourceType), folded(e.ResourceName))
	}
	c.done(CloudResource, firstOf(e.ResourceName, e.ResourceID), false)
}

func (c *collector) google(e *alert.GoogleCloudResourceEvidence) {
	full := folded(e.FullResourceName)
	c.id(CloudResource, "googleId", "", full)
	if full == "" {
		c.id(CloudResource, "name", folded(e.ProjectID)+"/"+folded(e.ResourceType), folded(e.ResourceName))
	}
	c.done(CloudResource, firstOf(e.ResourceName, e.FullResourceName), false)
}

func (c *collector) blobContainer(e *alert.BlobContainerEvidence) {
	text, _ := normalURL(e.URL)
	c.id(CloudResource, "blobContainer", "", text)
	if text == "" {
		scope := ""
		if e.StorageResource != nil {
			scope = folded(e.StorageResource.ResourceID)
		}
		c.id(CloudResource, "name", scope, folded(e.Name))
	}
	c.done(CloudResource, firstOf(e.Name, e.URL), false)
	if e.StorageResource != nil {
		c.inner(func() { c.azure(e.StorageResource) })
	}
}

func (c *collector) blob(e *alert.BlobEvidence, depth int) {
	text, _ := normalURL(e.URL)
	c.id(File, "blob", "", text)
	for _, h := range e.FileHashes[:min(len(e.FileHashes), 8)] {
		if h != nil {
			switch len(h.Value) {
			case 64:
				c.id(File, "sha256", "", normalHash(h.Value, 64))
			case 40:
				c.id(File, "sha1", "", normalHash(h.Value, 40))
			case 32:
				c.id(File, "md5", "", normalHash(h.Value, 32))
			}
		}
	}
	c.done(File, firstOf(e.Name, e.URL), false)
	if e.BlobContainer != nil && depth < maxNested {
		c.inner(func() { c.blobContainer(e.BlobContainer) })
	}
}

func (c *collector) cluster(ev alert.Evidence, depth int) bool {
	switch e := ev.(type) {
	case *alert.KubernetesClusterEvidence:
		c.kubeCluster(e, depth)
	case *alert.KubernetesNamespaceEvidence:
		c.kubeObject("namespace", clusterName(e.Cluster), "", e.Name, depth, e.Cluster)
	case *alert.KubernetesControllerEvidence:
		c.kubeNamed("controller", e.Namespace, e.Name, depth)
	case *alert.KubernetesPodEvidence:
		c.pod(e, depth)
	case *alert.KubernetesSecretEvidence:
		c.kubeNamed("secret", e.Namespace, e.Name, depth)
	case *alert.KubernetesServiceAccountEvidence:
		c.serviceAccount(e, depth)
	case *alert.KubernetesServiceEvidence:
		c.kubeNamed("service", e.Namespace, e.Name, depth)
		c.inner(func() {
			c.ip(e.ClusterIP, true)
			for _, a := range e.ExternalIPs[:min(len(e.ExternalIPs), 32)] {
				c.ip(a, false)
			}
		})
	case *alert.ContainerEvidence:
		c.container(e, depth)
	case *alert.ContainerImageEvidence:
		c.image(e, depth)
	case *alert.ContainerRegistryEvidence:
		c.id(CloudResource, "containerRegistry", "", normalHost(e.Registry))
		c.done(CloudResource, e.Registry, false)
	default:
		return false
	}
	return true
}

func clusterName(e *alert.KubernetesClusterEvidence) string {
	if e == nil {
		return ""
	}
	switch r := e.CloudResource.(type) {
	case *alert.AzureResourceEvidence:
		if r != nil && r.ResourceID != "" {
			return strings.Trim(folded(r.ResourceID), "/")
		}
	case *alert.AmazonResourceEvidence:
		if r != nil && r.AmazonResourceID != "" {
			return folded(r.AmazonResourceID)
		}
	case *alert.GoogleCloudResourceEvidence:
		if r != nil && r.FullResourceName != "" {
			return folded(r.FullResourceName)
		}
	}
	return folded(e.Name)
}

func (c *collector) kubeCluster(e *alert.KubernetesClusterEvidence, depth int) {
	if e == nil || depth > maxNested {
		return
	}
	c.id(CloudResource, "kubernetesCluster", "", clusterName(e))
	c.done(CloudResource, firstOf(e.Name, clusterName(e)), false)
}

func namespaceName(e *alert.KubernetesNamespaceEvidence) (cluster, name string) {
	if e == nil {
		return "", ""
	}
	return clusterName(e.Cluster), folded(e.Name)
}

// kubeObject names a thing of a cluster by cluster, namespace and name.
func (c *collector) kubeObject(typ, cluster, namespace, name string, depth int, in *alert.KubernetesClusterEvidence) {
	if name != "" {
		c.id(CloudResource, "kubernetes-"+typ, cluster+"/"+namespace, folded(name))
	}
	c.done(CloudResource, name, false)
	c.inner(func() { c.kubeCluster(in, depth+1) })
}

func (c *collector) kubeNamed(typ string, ns *alert.KubernetesNamespaceEvidence, name string, depth int) {
	cluster, namespace := namespaceName(ns)
	var in *alert.KubernetesClusterEvidence
	if ns != nil {
		in = ns.Cluster
	}
	c.kubeObject(typ, cluster, namespace, name, depth, in)
	if namespace != "" {
		c.inner(func() {
			c.id(CloudResource, "kubernetes-namespace", cluster+"/", namespace)
			c.done(CloudResource, ns.Name, false)
		})
	}
}

func (c *collector) serviceAccount(e *alert.KubernetesServiceAccountEvidence, depth int) {
	if e == nil || depth > maxNested {
		return
	}
	c.kubeNamed("serviceAccount", e.Namespace, e.Name, depth)
}

func (c *collector) pod(e *alert.KubernetesPodEvidence, depth int) {
	if e == nil || depth > maxNested {
		return
	}
	cluster, namespace := namespaceName(e.Namespace)
	c.id(Container, "pod", cluster+"/"+namespace, folded(e.Name))
	c.done(Container, e.Name, false)
	c.inner(func() {
		if namespace != "" {
			c.id(CloudResource, "kubernetes-namespace", cluster+"/", namespace)
			c.done(CloudResource, namespace, false)
			c.kubeCluster(e.Namespace.Cluster, depth+1)
		}
		c.ip(e.PodIP, true)
		c.serviceAccount(e.ServiceAccount, depth+1)
		for _, list := range [][]*alert.ContainerEvidence{e.Containers, e.InitContainers, e.EphemeralContainers} {
			for _, k := range list[:min(len(list), 32)] {
				c.container(k, depth+1)
			}
		}
	})
}

func (c *collector) container(e *alert.ContainerEvidence, depth int) {
	if e == nil || depth > maxNested {
		return
	}
	c.id(Container, "containerId", "", folded(e.ContainerID))
	if e.ContainerID == "" && e.Pod != nil {
		cluster, namespace := namespaceName(e.Pod.Namespace)
		c.id(Container, "container", cluster+"/"+namespace+"/"+folded(e.Pod.Name), folded(e.Name))
	}
	c.done(Container, firstOf(e.Name, e.ContainerID), false)
	c.inner(func() {
		c.image(e.Image, depth+1)
		if depth < 2 {
			c.pod(e.Pod, depth+3)
		}
	})
}

func (c *collector) image(e *alert.ContainerImageEvidence, depth int) {
	if e == nil || depth > maxNested {
		return
	}
	registry := ""
	if e.Registry != nil {
		registry = normalHost(e.Registry.Registry)
	}
	c.id(File, "containerImage", registry, folded(e.ImageID))
	if d := e.DigestImage; d != nil {
		c.id(File, "containerImage", registry, folded(d.ImageID))
	}
	c.done(File, e.ImageID, false)
}

func (c *collector) works(ev alert.Evidence, depth int) bool {
	switch e := ev.(type) {
	case *alert.GitHubOrganizationEvidence:
		c.id(Group, "gitHubOrg", "", folded(firstOf(e.OrgID, e.Login)))
		c.done(Group, firstOf(e.DisplayName, e.Login), false)
	case *alert.GitHubRepoEvidence:
		c.id(CloudResource, "gitHubRepo", "", folded(firstOf(e.RepoID, e.BaseURL, e.Owner+"/"+e.Login)))
		c.done(CloudResource, firstOf(e.Login, e.BaseURL, e.RepoID), false)
	case *alert.GitHubUserEvidence:
		c.id(User, "gitHubId", "", folded(e.UserID))
		c.id(User, "gitHubLogin", "", folded(e.Login))
		c.id(User, "upn", "", normalAddress(e.Email))
		c.done(User, firstOf(e.Login, e.Name, e.Email), false)
	case *alert.AIAgentEvidence:
		c.id(App, "aiAgentId", "", folded(e.AgentID))
		if e.AgentID == "" {
			c.id(App, "name", string(e.HostingPlatformType), folded(e.AgentName))
		}
		c.done(App, firstOf(e.AgentName, e.AgentID), false)
	default:
		return false
	}
	return true
}
