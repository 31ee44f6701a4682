using NexusGen.Hub;
using NexusGen.Hub.Core;

namespace NexusGen.Tests.Hub;

public sealed class HubSettingsTests
{
    [Fact]
    public void TheVariablesOfTheHubsOwnToolsAreRead()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["token"], "hf_file\n");
        HubSettings Read(params (string, string)[] variables) => HubSettings.FromEnvironment(
            name => variables.FirstOrDefault(pair => pair.Item1 == name).Item2);

        HubSettings plain = Read(("HF_HOME", folder.Path));
        Assert.Equal(
            ("https://huggingface.co/", folder["hub"], "hf_file", false),
            (plain.HuggingFace.AbsoluteUri, plain.HuggingFaceCache, plain.HuggingFaceToken, plain.IsOffline));
        HubSettings set = Read(
            ("HF_HOME", folder.Path), ("HF_HUB_CACHE", folder["other"]), ("HF_TOKEN", " hf_x "), ("HF_HUB_OFFLINE", "1"),
            ("HF_ENDPOINT", "https://mirror.example/"), ("MODELSCOPE_DOMAIN", "scope.example"),
            ("MODELSCOPE_CACHE", folder["ms"]), ("MODELSCOPE_API_TOKEN", "ms_x"));
        Assert.Equal(
            (folder["other"], "hf_x", true, "mirror.example", "https://scope.example/", folder["ms"], "ms_x"),
            (set.HuggingFaceCache, set.HuggingFaceToken, set.IsOffline, set.HuggingFace.Host, set.ModelScope.AbsoluteUri,
                set.ModelScopeCache, set.ModelScopeToken));
        Assert.Contains("HF_ENDPOINT", Assert.Throws<HubException>(() => Read(("HF_ENDPOINT", "ftp://x"))).Message);
    }

    [Theory]
    [InlineData("org/name", "org/name", null)]
    [InlineData("org/name@v1.0", "org/name", "v1.0")]
    [InlineData("org/name@refs/pr/1", "org/name", "refs/pr/1")]
    public void ARepositoryHasAnOwnerANameAndARevision(string text, string id, string? revision)
    {
        var repository = HubRepository.Parse(text);
        Assert.Equal((id, revision, text), (repository.Id, repository.Revision, repository.ToString()));
    }

    [Theory]
    [InlineData("name")]
    [InlineData("a/b/c")]
    [InlineData("../b")]
    [InlineData("a/..")]
    [InlineData("a/b@../x")]
    [InlineData("a b/c")]
    [InlineData("")]
    public void WhatIsNoRepositoryIsRefused(string text) =>
        Assert.Contains("org/name", Assert.Throws<HubException>(() => HubRepository.Parse(text)).Message);

    [Fact]
    public void TheOfficialModelHasBothRepositories()
    {
        IReadOnlyList<PullRequest> requests = PullRequest.Official(HubSite.HuggingFace, "models");
        Assert.Equal(
            ["modelscope/Nexus-GenV2", "black-forest-labs/FLUX.1-dev"], requests.Select(request => request.Repository.Id));
        Assert.True(PathFilter.Wants(requests[0], "generation_decoder.bin"));
        Assert.False(PathFilter.Wants(requests[0], "assets/teaser.png"));
        Assert.True(PathFilter.Wants(requests[1], "text_encoder_2/model-00001-of-00002.safetensors"));
        Assert.False(PathFilter.Wants(requests[1], "flux1-dev.safetensors"));
        Assert.False(PathFilter.Wants(requests[1], "transformer/diffusion_pytorch_model-00001-of-00003.safetensors"));
    }
}
