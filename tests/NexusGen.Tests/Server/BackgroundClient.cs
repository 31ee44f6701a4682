using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace NexusGen.Tests.Server;

/// <summary>A client of background work.</summary>
internal sealed class BackgroundClient(HttpClient http)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Sends JSON, which must be accepted.</summary>
    public async Task<JsonNode> PostAsync(string path, JsonNode? body = null)
    {
        (HttpStatusCode status, JsonNode answer) = await SendAsync(HttpMethod.Post, path, body);
        Assert.True(status == HttpStatusCode.OK, answer.ToJsonString());
        return answer;
    }

    public async Task<(HttpStatusCode Status, JsonNode Body)> SendAsync(HttpMethod method, string path, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using HttpResponseMessage response = await http.SendAsync(request);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    /// <summary>Asks again and again until the work has ended.</summary>
    public Task<JsonNode> EndAsync(string path) =>
        PollAsync(path, body => (string?)body["status"] is not ("queued" or "in_progress"));

    /// <summary>Asks again and again until the answer is as expected.</summary>
    public async Task<JsonNode> PollAsync(string path, Func<JsonNode, bool> enough)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            (HttpStatusCode status, JsonNode body) = await SendAsync(HttpMethod.Get, path);
            Assert.True(status == HttpStatusCode.OK, body.ToJsonString());
            if (enough(body))
            {
                return body;
            }

            await Task.Delay(20, patience.Token);
        }
    }

    /// <summary>Reads events with their ids, until there are enough or the stream ends.</summary>
    public async Task<List<(string? Id, JsonNode Data)>> EventsAsync(
        HttpRequestMessage request, Func<JsonNode, bool>? enough = null)
    {
        using var patience = new CancellationTokenSource(Patience);
        using (request)
        {
            using HttpResponseMessage response = await http.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(patience.Token));
            List<(string?, JsonNode)> events = [];
            (string? id, JsonNode? data) = (null, null);
            while (await reader.ReadLineAsync(patience.Token) is { } line)
            {
                if (line.StartsWith("data: ", StringComparison.Ordinal))
                {
                    data = JsonNode.Parse(line["data: ".Length..]);
                }
                else if (line.StartsWith("id: ", StringComparison.Ordinal))
                {
                    id = line["id: ".Length..];
                }
                else if (line.Length == 0)
                {
                    events.Add((id, data!));
                    (id, data) = (null, null);
                    if (enough?.Invoke(events[^1].Item2) == true)
                    {
                        break;
                    }
                }
            }

            return events;
        }
    }

    public static HttpRequestMessage Get(string path) => new(HttpMethod.Get, path);

    public static HttpRequestMessage Post(string path, JsonNode body) =>
        new(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
}
