using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace NexusGen.Tests.Server;

/// <summary>Requests whose errors are found only while the body is read are the caller's fault, not the server's.</summary>
public sealed class MalformedRequestTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private const string OnePixel =
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    [Theory]
    [InlineData("hello")]
    [InlineData("--x\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\nred")]
    public async Task AFormThatIsCutOffIsRefused(string body)
    {
        using var content = new StringContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=x");
        using HttpResponseMessage answer = await tiny.Server.Http.PostAsync("/v1/images/edits", content);
        await AssertRefusedAsync(answer, "cut off or malformed");
    }

    [Theory]
    [InlineData("utf-7")]
    public async Task AFormInAnEncodingThatIsNotReadIsRefused(string charset)
    {
        using var content = new StringContent(
            $"--x\r\nContent-Disposition: form-data; name=\"prompt\"\r\nContent-Type: text/plain; charset={charset}\r\n"
            + $"\r\nred\r\n--x--\r\n");
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=x");
        using HttpResponseMessage answer = await tiny.Server.Http.PostAsync("/v1/images/edits", content);
        await AssertRefusedAsync(answer, "send UTF-8");
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":[{"type":"text","text":"hi","\ud800":1}]}]}""")]
    [InlineData("/v1/responses", """{"input":[{"\ud800":1}]}""")]
    [InlineData("/v1/responses", """{"input":[{"role":"user","\ud800":[]}]}""")]
    public async Task NamesThatAreNoUnicodeAreRefused(string address, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await tiny.Server.Http.PostAsync(address, content);
        await AssertRefusedAsync(answer, "not valid Unicode");
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"arguments":{"\ud800":"x"}}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"\ud800":"x"}}""")]
    public async Task AMessageToTheToolsThatIsNoUnicodeIsRefused(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var message = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = content };
        message.Headers.Accept.ParseAdd("application/json");
        message.Headers.Accept.ParseAdd("text/event-stream");
        using HttpResponseMessage answer = await tiny.Server.Http.SendAsync(message);
        await AssertRefusedAsync(answer, "not valid Unicode");
    }

    // The last one is not an image, which would be reported if it were decoded.
    [Theory]
    [InlineData("/v1/chat/completions", "messages", "image_url")]
    [InlineData("/v1/responses", "input", "input_image")]
    public async Task PicturesAreCountedBeforeTheyAreDecoded(string address, string field, string type)
    {
        JsonArray parts = [.. Enumerable.Range(0, 17).Select(
            i => (JsonNode)new JsonObject { ["type"] = type, ["image_url"] = i < 16 ? OnePixel : "data:image/png;base64,AAAA" })];
        var body = new JsonObject { [field] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = parts }) };
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await tiny.Server.Http.PostAsync(address, content);
        await AssertRefusedAsync(answer, "more than 16 pictures");
    }

    private static async Task AssertRefusedAsync(HttpResponseMessage answer, string said)
    {
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{answer.StatusCode}: {text}");
        Assert.Contains(said, (string?)JsonNode.Parse(text)!["error"]!["message"]);
    }
}
