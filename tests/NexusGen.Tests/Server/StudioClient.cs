using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace NexusGen.Tests.Server;

/// <summary>A client of the studio: its conversations, and the events of their turns.</summary>
internal sealed class StudioClient(HttpClient http)
{
    public const string Conversations = "/studio/api/conversations";

    private readonly BackgroundClient _client = new(http);

    /// <summary>Creates a conversation.</summary>
    public async Task<string> CreateAsync(string? title = null) =>
        (string)(await _client.PostAsync(Conversations, new JsonObject { ["title"] = title }))["id"]!;

    /// <summary>Adds a turn, which must be accepted.</summary>
    public Task<JsonNode> AddAsync(string conversation, JsonNode turn) => _client.PostAsync(TurnsOf(conversation), turn);

    /// <summary>Computes the reply of a turn again, or adds a picture to it, which must be accepted.</summary>
    public Task<JsonNode> AgainAsync(JsonNode turn, bool variation = false) =>
        _client.PostAsync(AddressOf(turn) + "/again", new JsonObject { ["variation"] = variation });

    public Task<JsonNode> CancelAsync(JsonNode turn) => _client.PostAsync(AddressOf(turn) + "/cancel");

    /// <summary>Sends a request, which may be refused.</summary>
    public async Task<(HttpStatusCode Status, JsonNode? Body)> SendAsync(HttpMethod method, string path, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using HttpResponseMessage response = await http.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    /// <summary>Reads the events of a turn to its end, or until there are enough.</summary>
    public async Task<List<JsonNode>> EventsAsync(JsonNode turn, Func<JsonNode, bool>? enough = null) =>
        [.. (await NumberedEventsAsync(turn, enough: enough)).Select(item => item.Data)];

    /// <summary>Reads the events of a turn after one of them.</summary>
    public Task<List<(string? Id, JsonNode Data)>> NumberedEventsAsync(
        JsonNode turn, string? after = null, Func<JsonNode, bool>? enough = null) =>
        _client.EventsAsync(BackgroundClient.Get(EventsOf(turn, after)), enough);

    /// <summary>Adds a turn to a conversation, or to a new one, and reads its events to the end.</summary>
    public async Task<List<JsonNode>> AskAsync(JsonNode turn, string? conversation = null) =>
        await EventsAsync(await AddAsync(conversation ?? await CreateAsync(), turn));

    /// <summary>Returns a conversation.</summary>
    public async Task<JsonNode> GetAsync(string conversation)
    {
        (HttpStatusCode status, JsonNode? body) = await SendAsync(HttpMethod.Get, AddressOf(conversation));
        Assert.Equal(HttpStatusCode.OK, status);
        return body!;
    }

    /// <summary>Returns the turns of a conversation.</summary>
    public async Task<JsonNode[]> TurnsAsync(string conversation) =>
        [.. (await GetAsync(conversation))["turns"]!.AsArray().Select(turn => turn!)];

    /// <summary>Returns the titles of the conversations that contain some words.</summary>
    public async Task<string[]> SearchAsync(string? words = null)
    {
        JsonNode found = await _client.PostAsync(Conversations + "/search", new JsonObject { ["words"] = words });
        return [.. found["conversations"]!.AsArray().Select(conversation => (string)conversation!["title"]!)];
    }

    /// <summary>Brings a picture into the gallery.</summary>
    public async Task<string> BringAsync(byte[] file)
    {
        using var content = new ByteArrayContent(file) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };
        using HttpResponseMessage response = await http.PostAsync("/studio/api/pictures", content);
        JsonNode body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.True(response.StatusCode == HttpStatusCode.OK, body.ToJsonString());
        return (string)body["id"]!;
    }

    /// <summary>Brings a picture of a cat into the gallery.</summary>
    public async Task<string> BringCatAsync() =>
        await BringAsync(await File.ReadAllBytesAsync(Path.Combine(ReferenceFolder.Path, "images", "cat.png")));

    public Task<byte[]> FileAsync(string picture) => http.GetByteArrayAsync($"/studio/api/pictures/{picture}/file");

    public static string AddressOf(string conversation) => $"{Conversations}/{conversation}";

    public static string TurnsOf(string conversation) => AddressOf(conversation) + "/turns";

    public static string AddressOf(JsonNode turn) => $"/studio/api/turns/{turn["id"]}";

    public static string EventsOf(JsonNode turn, string? after = null) =>
        AddressOf(turn) + "/events" + (after is null ? "" : $"?starting_after={after}");

    /// <summary>Creates a turn.</summary>
    public static JsonObject Turn(string text, string? action = null, int? steps = null, params string[] pictures)
    {
        var turn = new JsonObject { ["text"] = text, ["action"] = action };
        turn["picture"] = new JsonObject { ["steps"] = steps };
        turn["pictures"] = new JsonArray([.. pictures.Select(picture => (JsonNode)picture)]);
        return turn;
    }

    public static string Type(JsonNode piece) => (string)piece["type"]!;

    /// <summary>Returns the text of a reply.</summary>
    public static string Text(IEnumerable<JsonNode> events) =>
        string.Concat(events.Where(piece => Type(piece) == "text").Select(piece => (string?)piece["text"]));

    /// <summary>Returns the only picture of a reply.</summary>
    public static JsonNode Picture(IEnumerable<JsonNode> events) =>
        events.Single(piece => Type(piece) == "picture")["picture"]!;

    /// <summary>Returns the strings of an array.</summary>
    public static string[] Strings(JsonNode? array) => [.. array!.AsArray().Select(item => (string)item!)];
}
