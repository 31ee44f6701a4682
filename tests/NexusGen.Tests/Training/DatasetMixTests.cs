using System.Text;
using NexusGen.Core;
using NexusGen.Training.Data;

namespace NexusGen.Tests.Training;

public class DatasetMixTests
{
    [Fact]
    public void EachSetHasItsShareAndIsWalkedWholly()
    {
        var mix = new DatasetMix([50, 300], [1, 3], 5);
        var places = Enumerable.Range(0, 1000).Select(i => mix[i]).ToList();
        Assert.Equal(250, places.Count(place => place.Set == 0));
        Assert.All(places.Where(place => place.Set == 0).GroupBy(place => place.Record), group => Assert.Equal(5, group.Count()));
        Assert.Equal(300, places.Where(place => place.Set == 1).Select(place => place.Record).Distinct().Count());
    }

    [Fact]
    public void OneSetAloneIsWalkedWhollyEachRound()
    {
        var mix = new DatasetMix([7], [1], 5);
        long[] records = [.. Enumerable.Range(0, 2100).Select(i => mix[i].Record)];
        Assert.All(records.Chunk(7), round => Assert.Equal([0, 1, 2, 3, 4, 5, 6], round.Order()));
        Assert.NotEqual(records[..7], records[7..14]);
    }

    [Fact]
    public void ASetOfHardlyAnyWeightIsReadNoneTheLess()
    {
        var mix = new DatasetMix([50, 300, 10], [1, 3, 0.0001], 5);
        int[] counts =
        [
            .. Enumerable.Range(0, 1000).Select(i => mix[i].Set).CountBy(set => set)
                .OrderBy(pair => pair.Key).Select(pair => pair.Value)
        ];
        Assert.Equal([250, 749, 1], counts);
        Assert.Contains(
            "exceeds the maximum of 1000",
            Assert.Throws<ArgumentException>(
                () => new DatasetMix([.. Enumerable.Repeat(1L, 1001)], [.. Enumerable.Repeat(1.0, 1001)], 5)).Message);
    }

    [Fact]
    public void AnyPlaceIsTheSameWheneverItIsAskedFor()
    {
        var a = new DatasetMix([7, 9, 11], [0.2, 0.5, 0.3], 5);
        var b = new DatasetMix([7, 9, 11], [0.2, 0.5, 0.3], 5);
        Assert.Equal(
            Enumerable.Range(0, 2500).Select(i => a[i]), Enumerable.Range(0, 2500).Reverse().Select(i => b[i]).Reverse());
        Assert.NotEqual(
            Enumerable.Range(0, 100).Select(i => a[i]),
            Enumerable.Range(0, 100).Select(i => new DatasetMix([7, 9, 11], [0.2, 0.5, 0.3], 6)[i]));
    }

    [Fact]
    public void LinesAreFoundWhateverTheirEnds()
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "{\"a\":1}\r\n\n  {\"b\":\"é\"}\n{\"c\":3}", Encoding.UTF8);
            File.WriteAllBytes(file, Encoding.UTF8.GetBytes("{\"a\":1}\r\n\n  {\"b\":\"é\"}\n{\"c\":3}"));
            using var lines = new JsonLines(file);
            Assert.Equal(3, lines.Count);
            Assert.Equal(
                ["{\"a\":1}", "{\"b\":\"é\"}", "{\"c\":3}"],
                Enumerable.Range(0, 3).Select(i => Encoding.UTF8.GetString(lines[i])));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void ARecordIsReadAndABrokenOneSaysWhatIsWrong()
    {
        TrainingRecord record = TrainingRecord.Parse(Encoding.UTF8.GetBytes(
            """{"images":["a.png"],"messages":[{"role":"user","content":"<image> hi"},{"role":"assistant","content":"yes"}]}"""),
            "data");
        Assert.Equal([Path.Combine("data", "a.png")], record.Images);
        Assert.Equal("yes", record.Messages[1].Content);
        foreach (string broken in new[]
        {
            "", "[]", """{"messages":[]""", """{"images":[],"messages":[{"role":"user","content":"<image>"}]}""",
            """{"messages":[{"role":"robot","content":"x"}]}""", """{"messages":[{"role":"user"}]}""",
        })
        {
            Assert.Throws<NexusGenException>(() => TrainingRecord.Parse(Encoding.UTF8.GetBytes(broken), ""));
        }
    }
}
