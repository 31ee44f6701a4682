using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using NexusGen.Hub.Core;
using NexusGen.Hub.Http;

namespace NexusGen.Hub.Sites;

/// <summary>The protocol of the Hugging Face Hub and its mirrors, as huggingface_hub speaks it.</summary>
internal sealed partial class HuggingFaceSite(HubHttp http, HubSettings settings) : IHubSite
{
    private const int MaxPages = 1000;

    /// <inheritdoc/>
    public string Name => settings.HuggingFace.Host;

    /// <inheritdoc/>
    public string? Token => settings.HuggingFaceToken;

    /// <inheritdoc/>
    public string DefaultRevision => "main";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<HubFile>> ListAsync(HubRepository repository, CancellationToken cancellationToken)
    {
        List<HubFile> files = [];
        Uri? page = HubJson.Below(
            settings.HuggingFace,
            $"api/models/{repository.Id}/tree/{Uri.EscapeDataString(Revision(repository))}?recursive=true");
        for (int i = 0; page is not null; i++)
        {
            if (i == MaxPages)
            {
                throw new HubException($"{Name} lists more files of {repository} than are taken: nothing was fetched.");
            }

            (JsonElement json, Uri? next) = await HubJson.GetAsync(
                http, this, repository, page, Next, cancellationToken).ConfigureAwait(false);
            files.AddRange(HubJson.Items(json, Name, repository).Select(ReadFile).OfType<HubFile>());
            page = next;
        }

        return files;
    }

    /// <inheritdoc/>
    public async Task<HubFile> DescribeAsync(HubRepository repository, HubFile file, CancellationToken cancellationToken)
    {
        HubFile described = file;
        await http.RetryAsync(
            Name,
            async token =>
            {
                using HttpResponseMessage response = await http
                    .SendAsync(HttpMethod.Head, AddressOf(repository, file.Path), Token, from: null, token).ConfigureAwait(false);
                PassingFailure.ThrowIf(response);
                if ((int)response.StatusCode >= 400)
                {
                    throw Refused(repository, file.Path, response);
                }

                bool isRedirect = (int)response.StatusCode >= 300;
                described = file with
                {
                    Size = long.TryParse(Header(response, "X-Linked-Size"), out long size) ? size
                        : isRedirect ? file.Size : response.Content.Headers.ContentLength ?? file.Size,
                    Checksum = HubFile.ReadChecksum(
                        Header(response, "X-Linked-Etag") ?? (isRedirect ? null : Header(response, "ETag"))) ?? file.Checksum,
                    Commit = Header(response, "X-Repo-Commit") is { } commit && Hash().IsMatch(commit) ? commit : file.Commit,
                };
            },
            () => 0,
            cancellationToken).ConfigureAwait(false);
        return described;
    }

    /// <inheritdoc/>
    public Uri AddressOf(HubRepository repository, string path) => HubJson.Below(
        settings.HuggingFace,
        $"{repository.Id}/resolve/{Uri.EscapeDataString(Revision(repository))}/"
        + string.Join('/', path.Split('/').Select(Uri.EscapeDataString)));

    /// <inheritdoc/>
    public HubException Refused(HubRepository repository, string what, HttpResponseMessage response)
    {
        string? code = Header(response, "X-Error-Code");
        bool isGated = code == "GatedRepo" || response.StatusCode == HttpStatusCode.Forbidden;
        Uri page = HubJson.Below(settings.HuggingFace, repository.Id);
        return (response.StatusCode, code) switch
        {
            (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, _) when isGated => new HubException(Token is null
                ? $"{repository.Id} is gated: accept its licence at {page}, then name a token of your account in HF_TOKEN."
                : $"The token in use may not fetch {repository.Id}: accept its licence at {page} with the account of the token."),
            (HttpStatusCode.Unauthorized, _) => new HubException(Token is null
                ? $"{Name} has no public repository {repository.Id}; for a private one, name a token in HF_TOKEN."
                : $"{Name} doesn't accept the token in use for {repository.Id}: it is wrong or expired, or there is no such "
                    + "repository."),
            (HttpStatusCode.NotFound, "RevisionNotFound") =>
                new HubException($"{repository.Id} has no revision {Revision(repository)}."),
            (HttpStatusCode.NotFound, "EntryNotFound") => new HubException($"{repository} has no file {what}."),
            (HttpStatusCode.NotFound, _) =>
                new HubException($"{Name} has no {what} of {repository}: check the name and the revision."),
            _ => new HubException(
                $"{Name} answers {(int)response.StatusCode} {response.ReasonPhrase} when asked for {what} of {repository}."),
        };
    }

    private static HubFile? ReadFile(JsonElement item)
    {
        if (HubJson.Text(item, "type") != "file" || HubJson.Text(item, "path") is not { } path)
        {
            return null;
        }

        bool isLarge = item.TryGetProperty("lfs", out JsonElement lfs) && lfs.ValueKind == JsonValueKind.Object;
        return new HubFile
        {
            Path = path,
            Size = (isLarge ? HubJson.Number(lfs, "size") : null) ?? HubJson.Number(item, "size"),
            Checksum = HubFile.ReadChecksum(isLarge ? HubJson.Text(lfs, "oid") : HubJson.Text(item, "oid")),
        };
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(", ", values) : null;

    private static Uri? Next(HttpResponseMessage response)
    {
        Match match = NextLink().Match(Header(response, "Link") ?? "");
        return match.Success && Uri.TryCreate(response.RequestMessage!.RequestUri!, match.Groups[1].Value, out Uri? next)
            ? next
            : null;
    }

    private string Revision(HubRepository repository) => repository.Revision ?? DefaultRevision;

    [GeneratedRegex("<([^<>]+)>\\s*;\\s*rel=\"?next\"?")]
    private static partial Regex NextLink();

    [GeneratedRegex("^[0-9a-f]{40}$")]
    private static partial Regex Hash();
}
