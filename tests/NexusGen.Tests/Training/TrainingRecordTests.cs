using System.Text;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Tests.Imaging;
using NexusGen.Training.Data;

namespace NexusGen.Tests.Training;

/// <summary>The forms of training records that ms-swift 3 takes.</summary>
public sealed class TrainingRecordTests
{
    private const string Asked =
        """ "messages":[{"role":"user","content":"<image>What?"},{"role":"assistant","content":"a star"}]""";

    public static TheoryData<string> OneImage =>
    [
        $$"""{"images":["a.png"],{{Asked}}}""",
        $$"""{"images":"a.png",{{Asked}}}""",
        $$"""{"image":"a.png",{{Asked}}}""",
        $$"""{"image":["a.png"],{{Asked}}}""",
        $$"""{"image":"b.png","images":["a.png"],{{Asked}}}""",
        $$"""{"images":{"path":"a.png"},{{Asked}}}""",
        $$"""{"images":[{"bytes":null,"path":"a.png"}],{{Asked}}}""",
        $$"""{"images":[null,{"url":"a.png"}],{{Asked}}}""",
        """{"images":["a.png"],"messages":[{"role":"user","content":"What?"},{"role":"assistant","content":"a star"}]}""",
        """{"image":"a.png","conversations":[{"from":"human","value":"<image>What?"},{"from":"gpt","value":"a star"}]}""",
        """{"image":"a.png","conversation":[{"from":"user","value":"What?"},{"from":"bot","value":"a star"}]}""",
        """{"image":"a.png","conversations":[{"human":"<image>What?","assistant":"a star"}]}""",
        """{"image":"a.png","query":"<image>What?","response":"a star","history":[]}""",
        """{"image":"a.png","query":"What?","response":"a star","history":null,"system":null}""",
        """{"image":"a.png","instruction":"<image>What?","input":"","output":"a star"}""",
        """{"query":"<img>a.png</img>What?","response":"a star"}""",
        """
        {"messages":[{"role":"user","content":[{"type":"image","image":"a.png"},{"type":"text","text":"What?"}]},
        {"role":"assistant","content":"a star"}]}
        """,
        """
        {"images":["a.png"],"messages":[{"role":"user","content":[{"type":"image"},{"type":"text","text":"What?"}]},
        {"role":"assistant","content":[{"type":"text","text":"a star"}]}]}
        """,
    ];

    [Theory]
    [MemberData(nameof(OneImage))]
    public void EveryFormIsTheSameRecord(string json)
    {
        TrainingRecord record = Parse(json);
        Assert.Equal(["/data/a.png"], record.Images);
        Assert.Equal([new("user", "<image>What?"), new("assistant", "a star")], record.Messages);
    }

    [Theory]
    [InlineData("""{"images":null,"messages":[{"role":"user","content":"hello"},{"role":"assistant","content":"hello!"}]}""")]
    [InlineData("""{"images":[],"image":null,"videos":[],"query":"hello","response":"hello!"}""")]
    [InlineData("""{"prompt":"hello","answer":["hello!","hi"]}""")]
    public void ARecordWithoutImages(string json)
    {
        TrainingRecord record = Parse(json);
        Assert.Empty(record.Images);
        Assert.Equal([new("user", "hello"), new("assistant", "hello!")], record.Messages);
    }

    [Theory]
    [InlineData("""{"system":"S","history":[["a","b"],["c","d"]],"query":"e","response":"f"}""")]
    [InlineData("""{"system":"S","history":"[[\"a\",\"b\"],[\"c\",\"d\"]]","query":"e","response":"f"}""")]
    [InlineData(
        """
        {"system_prompt":"S","conversations":[{"from":"human","value":"a"},{"from":"gpt","value":"b"},
        {"from":"human","value":"c"},{"from":"gpt","value":"d"},{"from":"human","value":"e"},{"from":"gpt","value":"f"}]}
        """)]
    [InlineData(
        """
        {"system":"not this","conversations":[{"from":"system","value":"S"},{"from":"human","value":"a"},
        {"from":"gpt","value":"b"},{"from":"human","value":"c"},{"from":"gpt","value":"d"},{"from":"human","value":"e"},
        {"from":"gpt","value":"f"}]}
        """)]
    public void SystemPromptsAndEarlierTurns(string json)
    {
        TrainingRecord record = Parse(json);
        Assert.Equal(
            ["system S", "user a", "assistant b", "user c", "assistant d", "user e", "assistant f"],
            record.Messages.Select(message => $"{message.Role} {message.Content}"));
    }

    [Fact]
    public void MissingMarksComeBeforeTheFirstTurnAfterTheSystemPrompt()
    {
        TrainingRecord record = Parse(
            """
            {"images":["a.png","b.png","c.png"],"messages":[{"role":"system","content":"S"},{"role":"user","content":"x"},
            {"role":"assistant","content":"y <image>"}]}
            """);
        Assert.Equal(["S", "<image><image>x", "y <image>"], record.Messages.Select(message => message.Content));
        Assert.Equal(["/data/a.png", "/data/b.png", "/data/c.png"], record.Images);
    }

    [Fact]
    public void AConversationThatTheAssistantBeginsAnswersAnEmptyQuestion()
    {
        TrainingRecord record = Parse("""{"image":"a.png","messages":[{"role":"assistant","content":"x"}]}""");
        Assert.Equal([new("user", "<image>"), new("assistant", "x")], record.Messages);
    }

    [Fact]
    public void ImagesInsideTheRecordAreDecoded()
    {
        RgbImage picture = Pictures.Noise(3, 2);
        byte[] png = ImageFile.Encode(picture, ImageFormat.Png);
        string text = Convert.ToBase64String(png), numbers = string.Join(',', png);
        foreach (string image in (string[])[
            $"\"data:image/png;base64,{text}\"", $$"""{"bytes":"{{text}}","path":null}""", $$"""{"bytes":[{{numbers}}]}""",
            $"\"{Convert.ToBase64String(ImageFile.Encode(Pictures.Noise(30, 20), ImageFormat.Png))}\""])
        {
            TrainingSample sample = TrainingSample.Load(Parse($$"""{"images":[{{image}}],{{Asked}}}"""));
            RgbImage read = Assert.Single(sample.Images);
            Assert.Equal(read.Width == 3 ? picture : Pictures.Noise(30, 20), read);
        }
    }

    [Theory]
    [InlineData($$"""{"images":[],{{Asked}}}""", "has 0 images but 1 <image> marks")]
    [InlineData($$"""{"images":["http://example.org/a.png"],{{Asked}}}""", "http://example.org/a.png; download it")]
    [InlineData($$"""{"images":[5],{{Asked}}}""", "neither a text nor an object with path or bytes")]
    [InlineData($$"""{"images":[{}],{{Asked}}}""", "neither a text nor an object with path or bytes")]
    [InlineData("""{"messages":[{"role":"tool","content":"x"}]}""", "unknown role \"tool\"")]
    [InlineData("""{"conversations":[{"from":"human"}]}""", "without content")]
    [InlineData("""{"videos":["a.mp4"],"query":"x","response":"y"}""", "has videos")]
    [InlineData("""{"messages":[]}""", "has no messages")]
    [InlineData("""{"x":1}""", "has no messages")]
    [InlineData("""[1]""", "is not a training record")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"video"}]}]}""", "unknown type \"video\"")]
    public void WhatIsNotARecordIsNamed(string json, string said)
    {
        string message = Assert.Throws<NexusGenException>(() => Parse(json)).Message;
        Assert.Contains(said, message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void AByteOrderMarkBeforeTheFirstLineIsNotPartOfIt()
    {
        using var folder = new TemporaryFolder();
        string path = folder["data.jsonl"];
        File.WriteAllText(path, "{\"a\":1}\r\n{\"b\":2}\r\n", new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        using var lines = new JsonLines(path);
        Assert.Equal(["{\"a\":1}", "{\"b\":2}"], Enumerable.Range(0, 2).Select(i => Encoding.UTF8.GetString(lines[i])));
        Assert.Equal(1, lines.LineNumber(0));
        File.WriteAllText(path, "{\"a\":1}\n", Encoding.Unicode);
        Assert.Contains("save it as UTF-8.", Assert.Throws<NexusGenException>(() => new JsonLines(path)).Message);
    }

    private static TrainingRecord Parse(string json) => TrainingRecord.Parse(Encoding.UTF8.GetBytes(json), "/data");
}
