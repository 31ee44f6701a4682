using System.Net;
using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Imaging;
using NexusGen.Tests.Lora;

namespace NexusGen.Tests.Server;

/// <summary>The studio names LoRAs in turns, keeps them with turns and images, and reads them from files.</summary>
public sealed class LoraStudioTests(LoraServer lora) : IClassFixture<LoraServer>
{
    private StudioClient Studio => field ??= new StudioClient(lora.Server.Http);

    [Fact]
    public async Task ThePageIsToldWhichThereAre()
    {
        foreach (string address in (string[])["/studio/api/settings", "/studio/api/about"])
        {
            JsonNode told = JsonNode.Parse(await lora.Server.Http.GetStringAsync(address))!;
            Assert.Equal(
                ["foreign decoders", "style decoders", "sub/other decoders", "talk language_model"],
                told["loras"]!.AsArray().Select(one => $"{one!["name"]} {one["applies_to"]}"));
        }
    }

    [Fact]
    public async Task TurnsImagesAndFilesHaveThem()
    {
        JsonObject turn = Turn("""[{"name": "style", "strength": 0.5}, "talk"]""");
        string conversation = await Studio.CreateAsync();
        JsonNode drawn = StudioClient.Picture(await Studio.AskAsync(turn, conversation));
        JsonNode plain = StudioClient.Picture(await Studio.AskAsync(Turn(null), conversation));
        const string Expected = """[{"name":"style","strength":0.5},{"name":"talk","strength":1}]""";
        Assert.Equal(Expected, drawn["loras"]!.ToJsonString());
        Assert.Null(plain["loras"]);
        JsonNode[] turns = await Studio.TurnsAsync(conversation);
        Assert.Equal(Expected, turns[0]["loras"]!.ToJsonString());
        Assert.Null(turns[1]["loras"]);

        // Found again in the gallery, and in its file.
        JsonNode kept = JsonNode.Parse(await lora.Server.Http.GetStringAsync($"/studio/api/pictures/{drawn["id"]}"))!;
        Assert.Equal(Expected, kept["loras"]!.ToJsonString());
        byte[] file = await Studio.FileAsync((string)drawn["id"]!), other = await Studio.FileAsync((string)plain["id"]!);
        Assert.NotEqual(ImageFile.Read(other), ImageFile.Read(file));
        Assert.Equal("style=0.5, talk=1", ImageFile.ReadParameters(file)["lora"]);
        Assert.False(ImageFile.ReadParameters(other).ContainsKey("lora"));

        // A variation and a reply that is computed again have those of their turn.
        JsonNode variation = StudioClient.Picture(await Studio.EventsAsync(await Studio.AgainAsync(turns[0], variation: true)));
        Assert.Equal(Expected, variation["loras"]!.ToJsonString());
        JsonNode again = StudioClient.Picture(await Studio.EventsAsync(await Studio.AgainAsync(turns[0])));
        Assert.Equal(
            ImageFile.Read(file), ImageFile.Read(await Studio.FileAsync((string)again["id"]!)));

        // A file that is brought back offers them; names that this server doesn't have are not offered.
        Assert.Equal(Expected, (await BringAsync(file))["origin"]!["loras"]!.ToJsonString());
        byte[] foreign = ImageFile.Encode(ImageFile.Read(file), ImageFormat.Png, new ImageWriteOptions
        {
            Parameters = new Dictionary<string, string>
            {
                ["prompt"] = "a red star",
                ["model"] = "m",
                ["seed"] = "1",
                ["steps"] = "1",
                ["lora"] = "style.safetensors=0.25, unknown=1, ../style=2",
            },
        });
        Assert.Equal(
            """[{"name":"style","strength":0.25}]""", (await BringAsync(foreign))["origin"]!["loras"]!.ToJsonString());
    }

    [Fact]
    public async Task EditsAndQuestionsHaveThemToo()
    {
        string conversation = await Studio.CreateAsync();
        string id = (string)StudioClient.Picture(await Studio.AskAsync(Turn(null), conversation))["id"]!;
        JsonObject edit = Turn("""["style=0.5"]""", "edit");
        edit["pictures"] = new JsonArray(id);
        JsonNode edited = StudioClient.Picture(await Studio.AskAsync(edit, conversation));
        Assert.Equal(("edited", "style"), ((string?)edited["kind"], (string?)edited["loras"]![0]!["name"]));
        JsonObject ask = Turn(null, "ask"), withTalk = Turn("""["talk=1.5"]""", "ask");
        Assert.NotEqual(
            StudioClient.Text(await Studio.AskAsync(ask)), StudioClient.Text(await Studio.AskAsync(withTalk)));
    }

    [Fact]
    public async Task UnknownAndBrokenOnesAreRefusedAndGoneOnesTold()
    {
        string conversation = await Studio.CreateAsync();
        foreach ((string name, HttpStatusCode expected, string code) in ((string, HttpStatusCode, string)[])
            [
                ("none", HttpStatusCode.NotFound, "model_not_found"),
                ("../style", HttpStatusCode.NotFound, "model_not_found"),
                ("broken", HttpStatusCode.BadRequest, "lora_unusable"),
            ])
        {
            (HttpStatusCode status, JsonNode? body) = await Studio.SendAsync(
                HttpMethod.Post, StudioClient.TurnsOf(conversation), Turn($"""["{name}"]"""));
            Assert.Equal((expected, code), (status, (string?)body!["error"]!["code"]));
        }

        List<JsonNode> foreign = await Studio.AskAsync(Turn("""["foreign"]"""));
        Assert.Equal(("failed", "lora_unusable"), (StudioClient.Type(foreign[^1]), (string?)foreign[^1]["code"]));
        Assert.StartsWith("foreign.safetensors", (string?)foreign[^1]["problem"]);

        string leaving = RandomLora.WriteFlux(ModelFinder.FindTiny(), Path.Combine(lora.Folder, "leaving.safetensors"), 5);
        JsonNode drawn = (await Studio.TurnsAsync(await DrawnAsync()))[0];
        File.Delete(leaving);
        List<JsonNode> events = await Studio.EventsAsync(await Studio.AgainAsync(drawn));
        Assert.Equal(("failed", "model_not_found"), (StudioClient.Type(events[^1]), (string?)events[^1]["code"]));

        async Task<string> DrawnAsync()
        {
            string id = await Studio.CreateAsync();
            await Studio.AskAsync(Turn("""["leaving"]"""), id);
            return id;
        }
    }

    private static JsonObject Turn(string? loras, string action = "draw")
    {
        JsonObject turn = StudioClient.Turn("a red star", action);
        turn["picture"] = JsonNode.Parse("""{"steps": 1, "cfg_scale": 1, "seed": 7}""");
        turn["loras"] = loras is null ? null : JsonNode.Parse(loras);
        return turn;
    }

    private async Task<JsonNode> BringAsync(byte[] file)
    {
        using var content = new ByteArrayContent(file) { Headers = { ContentType = new("image/png") } };
        using HttpResponseMessage response = await lora.Server.Http.PostAsync("/studio/api/pictures", content);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }
}
