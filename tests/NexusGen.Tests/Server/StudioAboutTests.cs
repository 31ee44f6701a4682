using System.Text.Json.Nodes;
using NexusGen.Server.Studio;

namespace NexusGen.Tests.Server;

/// <summary>What the studio tells about the model and the server.</summary>
public sealed class StudioAboutTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    [Fact]
    public async Task TheModelsCardSizesAndLimitsAreTold()
    {
        await using TestServer server = await TestServer.StartAsync(tiny.Model, options =>
        {
            (options.MaxSide, options.MaxSteps, options.MaxPictures) = (777, 33, 5);
            (options.MaxTextLength, options.MaxBodyBytes) = (1234, 5 << 20);
        });
        JsonNode about = JsonNode.Parse(await server.Http.GetStringAsync("/studio/api/about"))!;
        Assert.Equal(
            ("nexus-gen-tiny", tiny.Model.Configuration.About, "112x112", 777, 33, 5, 1234, 5L << 20),
            ((string?)about["model"], (string?)about["about"], (string?)Assert.Single(about["sizes"]!.AsArray()),
                (int?)about["max_side"], (int?)about["max_steps"], (int?)about["max_pictures"], (int?)about["max_text_length"],
                (long?)about["max_body_bytes"]));
        string card = (string)about["card"]!;
        Assert.Contains("<h1>nexus-gen-tiny</h1>", card);
        Assert.Contains("<table>", card);
        JsonNode settings = JsonNode.Parse(await server.Http.GetStringAsync("/studio/api/settings"))!;
        Assert.Equal(tiny.Model.Configuration.SeedChangesImages, (bool?)settings["seed_changes_images"]);
    }

    [Fact]
    public void ACardIsTextAndStructureAndMayBeMissing()
    {
        using var folder = new TemporaryFolder();
        Assert.Null(ModelCard.Read(folder.Path));
        File.WriteAllText(
            folder["README.md"],
            """
            ---
            license: mit
            ---
            # A model

            <script>alert(1)</script>

            [see](https://example.com)

            | a | b |
            |---|---|
            | 1 | 2 |

            """);
        string card = ModelCard.Read(folder.Path)!;
        Assert.DoesNotContain("license", card);
        Assert.DoesNotContain("<script", card);
        Assert.Contains("&lt;script&gt;", card);
        Assert.Contains("<a href=\"https://example.com\">see</a>", card);
        Assert.Contains("<td>2</td>", card);
        File.WriteAllText(folder["README.md"], string.Concat(Enumerable.Repeat("> ", 5000)) + "deep");
        _ = ModelCard.Read(folder.Path);
        File.WriteAllText(folder["README.md"], new string('x', (1 << 20) + 1));
        Assert.Null(ModelCard.Read(folder.Path));
    }
}
