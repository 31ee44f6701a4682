using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NexusGen.Cli.Core;
using NexusGen.Server.Configuration;
using NexusGen.Server.Http;
using NexusGen.Server.Loras;
using NexusGen.Tests.Extensions;
using NexusGen.Tests.Lora;

namespace NexusGen.Tests.Server;

/// <summary>What is a LoRA of a folder, and how requests name it.</summary>
public sealed class LoraNamesTests : IDisposable
{
    private static readonly LoraNames Names = new(
    [
        .. new[] { "style", "two words", "v1.5", "a=0.5", "a", "b+c", "b", "sub/deep" }
            .Select(name => new LoraEntry(name, "/folder/" + name, default)),
        new LoraEntry("adapter", "/folder/adapter", default) { IsForLanguageModel = true },
        new LoraEntry("broken", "/folder/broken", default) { Problem = "broken.safetensors is too short." },
    ]);

    private readonly TemporaryFolder _folder = new();
    private readonly LineLogger _log = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("style", "style=1")]
    [InlineData("style=0.8", "style=0.8")]
    [InlineData("style=-.5", "style=-0.5")]
    [InlineData("style=1e+1+b=1e-1", "style=10|b=0.1")]
    [InlineData("two words", "two words=1")]
    [InlineData("v1.5=0.25+sub/deep", "v1.5=0.25|sub/deep=1")]
    [InlineData("a=0.5", "a=0.5=1")]
    [InlineData("a=0.6", "a=0.6")]
    [InlineData("a=0.5=0.25", "a=0.5=0.25")]
    [InlineData("b+c", "b+c=1")]
    [InlineData("b+c=2+b", "b+c=2|b=1")]
    [InlineData("b=1+style", "b=1|style=1")]
    [InlineData("style + b", "style=1|b=1")]
    public void TheLongestNameComesFirstThenTheLastSign(string text, string expected) => Assert.Equal(
        expected, string.Join('|', Names.Read(text, "loras").Select(lora => lora.ToString())));

    [Theory]
    [InlineData("", 404)]
    [InlineData("none", 404)]
    [InlineData("Style", 404)]
    [InlineData("style+", 404)]
    [InlineData("style+none=0.5", 404)]
    [InlineData("../style", 404)]
    [InlineData("/folder/style", 404)]
    [InlineData("sub/../style", 404)]
    [InlineData("style.safetensors", 404)]
    [InlineData("style=", 400)]
    [InlineData("style=x", 400)]
    [InlineData("style=NaN", 400)]
    [InlineData("style=Infinity", 400)]
    [InlineData("style=101", 400)]
    [InlineData("b+style=much", 400)]
    public void WhatIsNoLoraIsRefused(string text, int status)
    {
        ApiException e = Assert.Throws<ApiException>(() => Names.Read(text, "loras"));
        Assert.Equal(status, e.Status);
        Assert.Equal(status == 404 ? "model_not_found" : null, e.Details.Code);
        Assert.Contains(status == 404 ? "style, two words" : "LoRA style must be a number", e.Message);
        Assert.DoesNotContain("/folder", e.Message);
    }

    [Theory]
    [InlineData("""[{"name": "a=0.5", "strength": 0.25}, "style=2", "b+adapter=0.5"]""", "a=0.5=0.25|style=2|b=1|adapter=0.5")]
    [InlineData("""[{"name": "style"}, {"name": "b", "strength": null}]""", "style=1|b=1")]
    [InlineData("\"style=0.5\"", "style=0.5")]
    [InlineData("[]", "")]
    [InlineData("null", "")]
    public void TheFieldIsAListOrAText(string json, string expected) => Assert.Equal(
        expected, string.Join('|', Names.Read(Parse(json), "loras").Select(lora => lora.ToString())));

    [Theory]
    [InlineData("7", "loras must be a list", "loras")]
    [InlineData("[7]", "loras[0] must be a list", "loras[0]")]
    [InlineData("""["style", {"nam": "b"}]""", "loras[1] must be a list", "loras[1]")]
    [InlineData("""[{"name": "style", "strength": "1"}]""", "must be a number from -100 to 100", "loras[0]")]
    [InlineData("""[{"name": "style", "strength": 1e999}]""", "must be a number from -100 to 100", "loras[0]")]
    [InlineData("""[{"name": "../style"}]""", "There is no such LoRA here", "loras[0]")]
    public void AnotherFieldIsRefusedByItsName(string json, string sentence, string field)
    {
        ApiException e = Assert.Throws<ApiException>(() => Names.Read(Parse(json), "loras"));
        Assert.Contains(sentence, e.Message);
        Assert.Equal(field, e.Details.Param);
    }

    [Fact]
    public void ASelectionAddsUpAndPartsByWhatTheFilesChange()
    {
        LoraSelection selection = Names.Select([new("style", 0.5), new("adapter", 1), new("style", 0.25)], "loras");
        Assert.Equal(["style=0.75", "adapter=1"], selection.Named.Select(lora => lora.ToString()));
        Assert.Equal([("/folder/style", 0.75)], selection.Images.Select(lora => (lora.Path, lora.Strength)));
        Assert.Equal([("/folder/adapter", 1d)], selection.Reply.Select(lora => (lora.Path, lora.Strength)));
        ApiException broken = Assert.Throws<ApiException>(() => Names.Select([new("broken", 1)], "loras"));
        Assert.Equal((400, ErrorTranslation.LoraUnusable), (broken.Status, broken.Details.Code));
        Assert.Contains("broken.safetensors is too short", broken.Message);
        LoraNames many = new([.. Enumerable.Range(0, 30).Select(i => new LoraEntry($"n{i}", "/n", default))]);
        Assert.Throws<ApiException>(() => many.Select(Enumerable.Range(0, 17).Select(i => new NamedLora($"n{i}", 1)), "loras"));
        Assert.EndsWith("m:n19 and 10 more", many.List("m:"));
        Assert.Equal("This server has no LoRAs.", Assert.Throws<ApiException>(() => LoraNames.None.Read("x", "loras")).Message);
    }

    [Fact]
    public void OfASavedImageTheLorasThatThereAreAreTaken() => Assert.Equal(
        ["style=0.5", "adapter=1"],
        Names.Known("style.safetensors=0.5, none=3, ../b=2, adapter=1").Select(lora => lora.ToString()));

    // A text that is long or full of signs takes no time.
    [Fact]
    public void HostileTextsAreRefusedAtOnce()
    {
        foreach (string text in (string[])
            [new('+', 1_000_000), new('=', 1_000_000), string.Join('+', Enumerable.Repeat("b", 2000))])
        {
            Assert.Equal(404, Assert.Throws<ApiException>(() => Names.Read(text, "loras")).Status);
        }
    }

    [LinuxFact]
    public void OnlyFilesInsideTheFolderHaveNames()
    {
        using var outside = new TemporaryFolder();
        string tiny = ModelFinder.FindTiny(), secret = RandomLora.WriteFlux(tiny, outside["secret.safetensors"], 1);
        string loras = Directory.CreateDirectory(_folder["loras"]).FullName;
        string At(string name) => Path.Combine(loras, name);
        RandomLora.WriteFlux(tiny, At("style.safetensors"), 1);
        Directory.CreateDirectory(At("sub/deep"));
        File.Copy(secret, At("sub/deep/other v1.5.SAFETENSORS"));
        RandomLora.WriteLanguage(tiny, At("adapter"), 2);
        RandomLora.WriteLanguage(tiny, At("adapter/checkpoint-5"), 3);
        File.Copy(secret, At(".hidden.safetensors"));
        Directory.CreateDirectory(At(".git"));
        File.Copy(secret, At(".git/x.safetensors"));
        File.WriteAllText(At("notes.txt"), "x");
        File.WriteAllBytes(At("empty.safetensors"), []);
        File.WriteAllBytes(At("broken.safetensors"), File.ReadAllBytes(secret)[..100]);
        File.Copy(secret, At("line\nbreak.safetensors"));
        File.CreateSymbolicLink(At("out.safetensors"), secret);
        File.CreateSymbolicLink(At("nowhere.safetensors"), At("none"));
        File.CreateSymbolicLink(At("inside.safetensors"), At("style.safetensors"));
        Directory.CreateSymbolicLink(At("outside"), outside.Path);
        Directory.CreateSymbolicLink(At("sub/loop"), loras);
        Directory.CreateDirectory(At("stolen"));
        File.Copy(At("adapter/adapter_config.json"), At("stolen/adapter_config.json"));
        File.CreateSymbolicLink(At("stolen/adapter_model.safetensors"), secret);
        Directory.CreateDirectory(At("style"));
        File.Copy(At("adapter/adapter_config.json"), At("style/adapter_config.json"));
        File.Copy(At("adapter/adapter_model.safetensors"), At("style/adapter_model.safetensors"));
        Directory.CreateSymbolicLink(_folder["link"], loras);

        // The folder itself may be a link.
        foreach (string folder in (string[])[loras, _folder["link"]])
        {
            LoraNames names = Folder(folder).Find();
            Assert.Equal(
                [
                    "adapter (language_model)", "adapter/checkpoint-5 (language_model)", "inside (decoders)",
                    "style (language_model)", "sub/deep/other v1.5 (decoders)",
                ],
                names.Entries.Select(entry => $"{entry.Name} ({entry.AppliesTo})").Order(StringComparer.Ordinal));
        }

        string told = string.Join('\n', _log.Lines);
        foreach (string reason in (string[])
            [
                ".hidden.safetensors in the folder of the LoRAs is not offered: it is hidden",
                ".git in the folder of the LoRAs is not offered: it is hidden",
                "empty.safetensors in the folder of the LoRAs is not offered: it is empty",
                "line?break.safetensors in the folder of the LoRAs is not offered: its name has control characters",
                "out.safetensors in the folder of the LoRAs is not offered: it is a link that leads out",
                "nowhere.safetensors in the folder of the LoRAs is not offered: it is a link that leads out",
                "outside in the folder of the LoRAs is not offered: it is a link that leads out",
                "sub/loop in the folder of the LoRAs is not offered: it is a link",
                "stolen in the folder of the LoRAs is not offered: one of its files is a link that leads out",
                "style.safetensors in the folder of the LoRAs is not offered: another file has the same name",
                "broken in the folder of the LoRAs is not offered: ",
            ])
        {
            Assert.Contains(reason, told);
        }
    }

    [Fact]
    public void TheFolderIsSearchedAnewAndReasonsAreToldOnce()
    {
        LoraFolder folder = Folder(_folder.Path);
        Assert.Empty(folder.Find().Entries);
        string style = RandomLora.WriteFlux(ModelFinder.FindTiny(), _folder["style.safetensors"], 1);
        byte[] whole = File.ReadAllBytes(style);
        LoraEntry first = Assert.Single(folder.Find().Entries);
        Assert.Same(first, Assert.Single(folder.Find().Entries));

        // Being copied: broken until it is complete.
        File.WriteAllBytes(style, whole[..200]);
        Assert.Empty(folder.Find().Entries);
        Assert.Empty(folder.Find().Entries);
        Assert.Single(_log.Lines, line => line.Contains("style in the folder", StringComparison.Ordinal));
        File.WriteAllBytes(style, whole);
        Assert.NotSame(first, Assert.Single(folder.Find().Entries));
        File.Delete(style);
        Assert.Empty(folder.Find().Entries);
        Directory.Delete(_folder.Path, recursive: true);
        Assert.Empty(folder.Find().Entries);
        Assert.Contains(_log.Lines, line => line.Contains("does not exist", StringComparison.Ordinal));
        Directory.CreateDirectory(_folder.Path);
    }

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;

    private LoraFolder Folder(string path) => new(
        Options.Create(new NexusGenServerOptions { Loras = path }),
        new Logger<LoraFolder>(_log));
}
