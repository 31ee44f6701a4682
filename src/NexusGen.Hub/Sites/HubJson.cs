using System.Text.Json;
using NexusGen.Hub.Core;
using NexusGen.Hub.Http;

namespace NexusGen.Hub.Sites;

/// <summary>Reads the answers of hubs, which may be anything.</summary>
internal static class HubJson
{
    /// <summary>The number of characters of a text of a hub that a message shows.</summary>
    public const int LongestText = 200;

    private const int MaxBytes = 64 << 20;

    /// <summary>Returns an address below that of a hub.</summary>
    public static Uri Below(Uri hub, string path) => new(hub.AbsoluteUri.TrimEnd('/') + "/" + path);

    /// <summary>Reads an answer.</summary>
    /// <param name="http">The client.</param>
    /// <param name="site">The hub.</param>
    /// <param name="repository">The repository that is asked for.</param>
    /// <param name="address">The address.</param>
    /// <param name="next">Returns the address of the next page of a response, or null.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The answer, and the address of the next page.</returns>
    /// <exception cref="HubException">The hub doesn't answer, or not with JSON.</exception>
    public static async Task<(JsonElement Json, Uri? Next)> GetAsync(
        HubHttp http,
        IHubSite site,
        HubRepository repository,
        Uri address,
        Func<HttpResponseMessage, Uri?> next,
        CancellationToken cancellationToken)
    {
        (JsonElement, Uri?) answer = default;
        await http.RetryAsync(
            site.Name,
            async token =>
            {
                using HttpResponseMessage response =
                    await http.SendAsync(HttpMethod.Get, address, site.Token, from: null, token).ConfigureAwait(false);
                PassingFailure.ThrowIf(response);
                if (!response.IsSuccessStatusCode)
                {
                    throw site.Refused(repository, "list of files", response);
                }

                answer = (await ReadAsync(response, site.Name, token).ConfigureAwait(false), next(response));
            },
            () => 0,
            cancellationToken).ConfigureAwait(false);
        return answer;
    }

    /// <summary>Returns the items of a list.</summary>
    /// <exception cref="HubException">It is no list.</exception>
    public static IEnumerable<JsonElement> Items(JsonElement json, string site, HubRepository repository) =>
        json.ValueKind == JsonValueKind.Array
            ? json.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object)
            : throw new HubException($"{site} answers with no list of the files of {repository}.");

    /// <summary>Returns a text, or null if there is none.</summary>
    public static string? Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Returns a length, or null if there is none.</summary>
    public static long? Number(JsonElement item, string name) =>
        item.TryGetProperty(name, out JsonElement value)
        && value.ValueKind == JsonValueKind.Number
        && value.TryGetInt64(out long number)
        && number >= 0
            ? number
            : null;

    private static async Task<JsonElement> ReadAsync(
        HttpResponseMessage response, string site, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        byte[] buffer = new byte[1 << 16];
        for (int read; (read = await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            content.Write(buffer, 0, read);
            if (content.Length > MaxBytes)
            {
                throw new HubException($"{site} answers with a list of more than {MaxBytes >> 20} MB, which is not taken.");
            }
        }

        try
        {
            using var document = JsonDocument.Parse(content.ToArray());
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new HubException($"{site} answers with something else than JSON; is its address right?", e);
        }
    }
}
