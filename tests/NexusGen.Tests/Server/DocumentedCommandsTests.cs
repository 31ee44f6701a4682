using System.CommandLine;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NexusGen.Cli;
using NexusGen.Cli.Core;
using NexusGen.Imaging;
using NexusGen.Requests;
using NexusGen.Tests.Lora;

namespace NexusGen.Tests.Server;

/// <summary>The commands on the pages about the server do what the pages say.</summary>
public sealed partial class DocumentedCommandsTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private const string Picture = "iVBORw0KGgo|/pictures/[0-9a-f]{40}";

    public static TheoryData<string> Requests =>
        [.. Commands("server.md").Where(IsRequest).Where(line => !IsOfBackground(line))];

    /// <summary>Gets pairs of lines: one that starts work in the background, and one that asks for it.</summary>
    public static TheoryData<string, string> BackgroundRequests
    {
        get
        {
            TheoryData<string, string> pairs = [];
            foreach (string[] pair in Commands("server.md").Where(IsRequest).Where(IsOfBackground).Chunk(2))
            {
                pairs.Add(pair[0], pair[1]);
            }

            return pairs;
        }
    }

    public static TheoryData<string> CommandLines =>
        [.. Commands("server.md").Concat(Commands("mcp.md")).Concat(Commands("studio.md"))
            .Where(line => line.StartsWith("nexusgen ", StringComparison.Ordinal)).Distinct()];

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task ARequestIsAnsweredWithAPicture(string line) => Assert.Matches(Picture, await AnswerAsync(line));

    [Theory]
    [MemberData(nameof(BackgroundRequests))]
    public async Task WorkOfTheBackgroundIsFoundByTheNextLine(string start, string ask)
    {
        var started = JsonNode.Parse(await AnswerAsync(start))!;
        Assert.Equal("queued", (string?)started["status"]);
        string address = new Uri(ask.Split(' ')[1].Split('_')[0]).AbsolutePath;
        string id = (string)started["id"]!;
        Assert.StartsWith(Path.GetFileName(address), id);
        JsonNode ended = await new BackgroundClient(tiny.Server.Http).EndAsync(
            address[..(address.LastIndexOf('/') + 1)] + id);
        Assert.Matches(Picture, ended.ToJsonString());
    }

    private async Task<string> AnswerAsync(string line)
    {
        string[] words =
        [
            .. Words().Matches(line).Skip(1).Select(word => word.Groups[1].Success ? word.Groups[1].Value : word.Value)
        ];
        using var loras = new TemporaryFolder();
        await using TestServer? own = line.Contains("watercolour", StringComparison.Ordinal) ? await WithLorasAsync(loras) : null;
        TestServer server = own ?? tiny.Server;
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, new Uri(words[0]).AbsolutePath));
        using var form = new MultipartFormDataContent();
        for (int i = 1; i < words.Length; i += 2)
        {
            switch (words[i])
            {
                case "-H":
                    Assert.Equal("Content-Type: application/json", words[i + 1]);
                    break;
                case "-d":
                    request.Content = new StringContent(words[i + 1], new MediaTypeHeaderValue("application/json"));
                    break;
                case "-F":
                    string[] field = words[i + 1].Split('=', 2);
                    form.Add(
                        field[1].StartsWith('@') ? new ByteArrayContent(await StarAsync()) : new StringContent(field[1]),
                        field[0],
                        field[1].StartsWith('@') ? field[1][1..] : field[0]);
                    request.Content = form;
                    break;
                default:
                    Assert.Fail($"{words[i]} of {line} is not understood here");
                    break;
            }
        }

        // A form field must not look like a file.
        foreach (HttpContent part in form.Where(part => part is StringContent))
        {
            part.Headers.ContentDisposition!.FileName = null;
            part.Headers.ContentDisposition.FileNameStar = null;
        }

        using HttpResponseMessage response = await server.Http.SendAsync(request);
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonNode.Parse(body)!.ToJsonString();
    }

    // The LoRAs that the page names.
    private Task<TestServer> WithLorasAsync(TemporaryFolder folder)
    {
        RandomLora.WriteFlux(ModelFinder.FindTiny(), folder["watercolour.safetensors"], 1);
        RandomLora.WriteFlux(ModelFinder.FindTiny(), folder["ink.safetensors"], 2);
        return TestServer.StartAsync(tiny.Model, options => options.Loras = folder.Path);
    }

    [Theory]
    [MemberData(nameof(CommandLines))]
    public void ACommandLineIsUnderstood(string line)
    {
        ParseResult parsed = new CommandLine(Terminal.OfProcess()).Build().Parse(line["nexusgen ".Length..]);
        Assert.Empty(parsed.Errors);
        Assert.Contains(parsed.CommandResult.Command.Name, (string[])["serve", "mcp"]);
    }

    [Fact]
    public void ThereAreCommandsToRun() =>
        Assert.True(Requests.Count >= 4 && BackgroundRequests.Count == 2 && CommandLines.Count >= 6);

    private static bool IsRequest(string line) => line.StartsWith("curl ", StringComparison.Ordinal);

    // The id of an earlier answer is left out on the page.
    private static bool IsOfBackground(string line) =>
        line.EndsWith("_…", StringComparison.Ordinal) || line.Contains("\"background\": true", StringComparison.Ordinal)
        || line.Contains("\"async\": true", StringComparison.Ordinal);

    private async Task<byte[]> StarAsync() =>
        ImageFile.Encode(
            (await tiny.Model.GenerateAsync(new GenerateRequest("a red star"))).Images[0].Image,
            ImageFormat.Png);

    private static IEnumerable<string> Commands(string page)
    {
        string folder = Path.Combine(ReferenceFolder.Path, "..", "..", "docs");
        return Blocks().Matches(File.ReadAllText(Path.Combine(folder, page)).ReplaceLineEndings("\n"))
            .SelectMany(block => block.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [GeneratedRegex("```bash\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex("'([^']*)'|[^ ]+")]
    private static partial Regex Words();
}
