using System.Text;
using NexusGen.Core;
using NexusGen.Training.Core;
using NexusGen.Training.Data;

namespace NexusGen.Tests.Training;

public class TrainingDataTests
{
    [Fact]
    public void FilesAreMixedByWeightInAnOrderOfTheSeed()
    {
        using var folder = new TemporaryFolder();
        DataSource[] sources = [Source(folder, "a", 30, weight: 3), Source(folder, "b", 7, weight: 1)];
        using var data = new TrainingData<string>(sources, 5, Text);
        using var again = new TrainingData<string>(sources, 5, Text);
        using var other = new TrainingData<string>(sources, 6, Text);
        string[] row = [.. Enumerable.Range(0, 1000).Select(i => data[i])];
        Assert.Equal(750, row.Count(sample => sample.StartsWith('a')));
        Assert.Equal(37, row.Distinct().Count());
        Assert.Equal(row[500], again[500]);
        Assert.NotEqual(row, Enumerable.Range(0, 1000).Select(i => other[i]));
        Assert.Equal(37, data.Count);
    }

    [Fact]
    public void BrokenRecordsAreReportedOnceAndReplacedByTheNext()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("data.jsonl", "good 0\n\n\nbad 1\ngood 2\r\n\nbad 3\n");
        List<BrokenRecord> reported = [];
        using var data = new TrainingData<string>([new DataSource { Path = path }], 1, Strict, maxBroken: 2, reported.Add);
        string[] row = [.. Enumerable.Range(0, 1000).Select(i => data[i])];
        Assert.Equal(["good 0", "good 2"], row.Distinct().Order());
        Assert.Equal(500, row.Count(sample => sample == "good 0"));
        Assert.Equal(
            [(path, 4L, "is bad"), (path, 7L, "is bad")],
            reported.OrderBy(each => each.Line).Select(each => (each.File, each.Line, each.Reason)));
        Assert.Equal(2, data.Broken.Count);
    }

    [Fact]
    public void TooManyBrokenRecordsAreAnError()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write(
            "data.jsonl", string.Concat(Enumerable.Range(0, 20).Select(i => $"{(i % 2 == 0 ? "bad" : "good")} {i}\n")));
        using var data = new TrainingData<string>([new DataSource { Path = path }], 1, Strict, maxBroken: 4);
        TrainingException error = Assert.Throws<TrainingException>(() => Enumerable.Range(0, 40).Select(i => data[i]).ToList());
        Assert.StartsWith("More than 4 records of the training data are invalid, the last one", error.Message);
        Assert.Contains($"{path}, line ", error.Message);
    }

    [Fact]
    public void AFileWithoutAUsableRecordIsAnError()
    {
        using var folder = new TemporaryFolder();
        using var data = new TrainingData<string>(
            [new DataSource { Path = folder.Write("data.jsonl", "bad 0\nbad 1\n") }], 1, Strict);
        Assert.Contains("No record of the data file", Assert.Throws<TrainingException>(() => data[0]).Message);
    }

    [Fact]
    public void TheFolderOfNamesIsTheFilesOwnOrAnother()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("data.jsonl", "x\n");
        using var own = new TrainingData<string>([new DataSource { Path = path }], 1, (_, place) => place);
        using var other = new TrainingData<string>(
            [new DataSource { Path = path, Folder = "/pictures" }], 1, (_, place) => place);
        Assert.Equal((folder.Path, "/pictures"), (own[0], other[0]));
    }

    [Fact]
    public void ARecordWithoutContentIsBroken()
    {
        byte[] record = """{"messages":[{"role":"user","content":null}]}"""u8.ToArray();
        Assert.Contains("without content", Assert.Throws<NexusGenException>(() => TrainingRecord.Parse(record, "")).Message);
    }

    private static DataSource Source(TemporaryFolder folder, string name, int count, double weight) =>
        new()
        {
            Path = folder.Write($"{name}.jsonl", string.Concat(Enumerable.Range(0, count).Select(i => $"{name} {i}\n"))),
            Weight = weight
        };

    private static string Text(ReadOnlyMemory<byte> line, string folder) => Encoding.UTF8.GetString(line.Span);

    private static string Strict(ReadOnlyMemory<byte> line, string folder) =>
        Text(line, folder) is var text && text.StartsWith("bad", StringComparison.Ordinal)
            ? throw new NexusGenException("is bad")
            : text;
}
