using System.Net;
using System.Text.Json;
using NexusGen.Core;
using NexusGen.Hub.Core;
using NexusGen.Hub.Http;

namespace NexusGen.Hub.Sites;

/// <summary>The protocol of ModelScope, as its own tools speak it.</summary>
internal sealed class ModelScopeSite(HubHttp http, HubSettings settings) : IHubSite
{
    /// <inheritdoc/>
    public string Name => settings.ModelScope.Host;

    /// <inheritdoc/>
    public string? Token => settings.ModelScopeToken;

    /// <inheritdoc/>
    public string DefaultRevision => "master";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<HubFile>> ListAsync(HubRepository repository, CancellationToken cancellationToken)
    {
        Uri address = HubJson.Below(
            settings.ModelScope,
            $"api/v1/models/{repository.Id}/repo/files?Revision={Uri.EscapeDataString(Revision(repository))}&Recursive=true");
        (JsonElement json, _) = await HubJson.GetAsync(
            http, this, repository, address, _ => null, cancellationToken).ConfigureAwait(false);
        if (json.ValueKind != JsonValueKind.Object
            || !json.TryGetProperty("Data", out JsonElement data)
            || data.ValueKind != JsonValueKind.Object
            || !data.TryGetProperty("Files", out JsonElement files))
        {
            string reason = json.ValueKind == JsonValueKind.Object ? HubJson.Text(json, "Message") ?? "" : "";
            string told = reason.Length == 0 ? "" : $": {VisibleText.Of(reason, HubJson.LongestText)}";
            throw new HubException($"{Name} doesn't list the files of {repository}{told}.");
        }

        return
        [
            .. HubJson.Items(files, Name, repository)
                .Where(item => HubJson.Text(item, "Type") != "tree" && HubJson.Text(item, "Path") is not null)
                .Select(item => new HubFile
                {
                    Path = HubJson.Text(item, "Path")!,
                    Size = HubJson.Number(item, "Size"),
                    Checksum = HubFile.ReadChecksum(HubJson.Text(item, "Sha256")),
                    Commit = HubJson.Text(item, "Revision"),
                })
        ];
    }

    /// <inheritdoc/>
    public Task<HubFile> DescribeAsync(HubRepository repository, HubFile file, CancellationToken cancellationToken) =>
        Task.FromResult(file);

    /// <inheritdoc/>
    public Uri AddressOf(HubRepository repository, string path) => HubJson.Below(
        settings.ModelScope,
        $"api/v1/models/{repository.Id}/repo?Revision={Uri.EscapeDataString(Revision(repository))}"
        + $"&FilePath={Uri.EscapeDataString(path)}");

    /// <inheritdoc/>
    public HubException Refused(HubRepository repository, string what, HttpResponseMessage response) => response.StatusCode switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new HubException(
            $"{Name} doesn't let {what} of {repository} be fetched: accept its licence at "
            + $"{HubJson.Below(settings.ModelScope, "models/" + repository.Id)}, and name a token in MODELSCOPE_API_TOKEN."),
        HttpStatusCode.NotFound => new HubException($"{Name} has no {what} of {repository}: check the name and the revision."),
        _ => new HubException(
            $"{Name} answers {(int)response.StatusCode} {response.ReasonPhrase} when asked for {what} of {repository}."),
    };

    private string Revision(HubRepository repository) => repository.Revision ?? DefaultRevision;
}
