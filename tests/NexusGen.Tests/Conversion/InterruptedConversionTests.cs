using NexusGen.Conversion;
using NexusGen.Core;

namespace NexusGen.Tests.Conversion;

/// <summary>Conversions that end early, for whatever reason.</summary>
public sealed class InterruptedConversionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _source;

    public InterruptedConversionTests()
    {
        _source = _folder["source.bin"];
        File.Copy(Converted.Decoder, _source);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("q8_0", ".gguf")]
    [InlineData("fp8", ".safetensors")]
    public void GoesOnAfterEveryTensor(string type, string ending)
    {
        Converted.Run(_source, _folder["whole" + ending], type);
        string[] names = [.. _folder.Names.Where(name => name.StartsWith("whole", StringComparison.Ordinal))];
        byte[][] expected = [.. names.Select(name => File.ReadAllBytes(_folder[name]))];
        using ConversionPlan any = Plan("other" + ending, type);
        int tensors = any.Files.Sum(file => file.Tensors.Length);
        for (int stop = 1; stop < tensors; stop++)
        {
            string output = "part" + ending;
            using (ConversionPlan plan = Plan(output, type))
            {
                Assert.ThrowsAny<OperationCanceledException>(() => Interrupt(new Converter(plan), stop));
                Assert.False(File.Exists(_folder[output]));
            }

            using (ConversionPlan plan = Plan(output, type))
            {
                ConversionResult result = new Converter(plan).Run();
                Assert.True(result.Continued > 0);
                Assert.Equal(plan.Files.Sum(file => file.Tensors.Length), result.Errors.Sum(errors => errors.Count));
            }

            foreach ((string name, byte[] bytes) in names.Zip(expected))
            {
                string made = _folder[name.Replace("whole", "part", StringComparison.Ordinal)];
                Assert.Equal(bytes, File.ReadAllBytes(made));
                File.Delete(made);
            }
        }

        Assert.DoesNotContain(_folder.Names, name => name.Contains("incomplete", StringComparison.Ordinal));
    }

    [Fact]
    public void GoesOnAfterAKill()
    {
        Converted.Run(_source, _folder["whole.gguf"], "q8_0");
        using (ConversionPlan plan = Plan("part.gguf", "q8_0"))
        {
            Assert.ThrowsAny<OperationCanceledException>(() => Interrupt(new Converter(plan), 20));

            // A process that is killed leaves half a line, and half a tensor.
            File.AppendAllText(ConversionJournal.PathOf(plan), "0 1.5");
            File.AppendAllText(Path.Combine(plan.Work, "part.gguf"), "half");
        }

        using ConversionPlan again = Plan("part.gguf", "q8_0");
        new Converter(again).Run();
        Assert.Equal(File.ReadAllBytes(_folder["whole.gguf"]), File.ReadAllBytes(_folder["part.gguf"]));
    }

    [Fact]
    public void FullDiskLeavesNothing()
    {
        using ConversionPlan plan = Plan("part.gguf", "q8_0");
        for (long room = 0; room < plan.BytesAfter; room += 150_000)
        {
            var disk = new FullDisk(room);
            var converter = new Converter(plan) { Open = disk.Open };
            string message = Assert.ThrowsAny<NexusGenException>(() => converter.Run()).Message;
            Assert.Contains("No space left", message);
            Assert.Equal(["source.bin"], _folder.Names);
        }
    }

    [Fact]
    public void SpaceIsCheckedFirst()
    {
        using ConversionPlan plan = Plan("part.gguf", "q8_0");
        var converter = new Converter(plan) { FreeSpace = _ => plan.BytesToWrite - 1 };
        Assert.Contains("has room for", Assert.ThrowsAny<NexusGenException>(() => converter.Run()).Message);
        Assert.Equal(["source.bin"], _folder.Names);

        // What is there already is not needed again, and stays if the room is too small for the rest.
        Assert.ThrowsAny<OperationCanceledException>(() => Interrupt(new Converter(plan), 40));
        Assert.ThrowsAny<NexusGenException>(() => new Converter(plan) { FreeSpace = _ => 10 }.Run());
        ConversionResult result = new Converter(plan) { FreeSpace = _ => plan.BytesToWrite - 10_000 }.Run();
        Assert.True(result.Continued > 10_000);
    }

    [Fact]
    public void SourceThatChangesMeanwhileIsRefused()
    {
        using ConversionPlan plan = Plan("part.gguf", "q8_0");
        var touch = new Reports(report =>
        {
            if (report.Tensors == 20)
            {
                File.SetLastWriteTimeUtc(_source, DateTime.UtcNow.AddMinutes(1));
            }
        });
        string message = Assert.ThrowsAny<NexusGenException>(() => new Converter(plan).Run(touch)).Message;
        Assert.Contains("changed", message);
        Assert.Equal(["source.bin"], _folder.Names);
    }

    [Fact]
    public void SourceThatChangedSinceIsConvertedAnew()
    {
        using (ConversionPlan plan = Plan("part.gguf", "q8_0"))
        {
            Assert.ThrowsAny<OperationCanceledException>(() => Interrupt(new Converter(plan), 20));
        }

        File.SetLastWriteTimeUtc(_source, DateTime.UtcNow.AddMinutes(1));
        using ConversionPlan again = Plan("part.gguf", "q8_0");
        ConversionResult result = new Converter(again).Run();
        Assert.True(result.BeganAnew);
        Assert.Equal(0, result.Continued);
    }

    [Fact]
    public void ExistingFilesAndTheSourceAreNotReplaced()
    {
        byte[] before = File.ReadAllBytes(_source);
        _folder.Write("there.gguf", "mine");
        _folder.Write("two_rest.safetensors", "mine");
        foreach ((string source, string output, string type) in ((string, string, string)[])
            [("source.bin", "there.gguf", "q8_0"), ("source.bin", "two.gguf", "q8_0")])
        {
            string message = Assert.ThrowsAny<NexusGenException>(
                () => Converted.Run(_folder[source], _folder[output], type)).Message;
            Assert.Contains("exists and is not replaced", message);
        }

        File.Copy(_source, _folder["own.safetensors"]);
        string own = Assert.ThrowsAny<NexusGenException>(
            () => Converted.Run(_folder["own.safetensors"], _folder["own.safetensors"], "bf16")).Message;
        Assert.Contains("what is to be converted", own);
        Assert.Equal(before, File.ReadAllBytes(_source));
        Assert.Equal(before, File.ReadAllBytes(_folder["own.safetensors"]));
        Assert.Equal("mine", File.ReadAllText(_folder["there.gguf"]));
    }

    [Fact]
    public void TwoConversionsIntoOnePlaceAreRefused()
    {
        using ConversionPlan plan = Plan("part.gguf", "q8_0");
        string? message = null;
        var second = new Reports(report =>
        {
            if (report.Tensors == 3)
            {
                using ConversionPlan other = Plan("part.gguf", "q8_0");
                message = Assert.ThrowsAny<NexusGenException>(() => new Converter(other).Run()).Message;
            }
        });
        new Converter(plan).Run(second);
        Assert.Contains("Another process", message);
        Assert.True(File.Exists(_folder["part.gguf"]));
    }

    private ConversionPlan Plan(string output, string type) =>
        ConversionPlanner.Plan(Converted.Request(_source, _folder[output], type));

    private static void Interrupt(Converter converter, int tensors)
    {
        using var cancellation = new CancellationTokenSource();
        converter.Run(
            new Reports(report =>
            {
                if (report.Tensors >= tensors)
                {
                    cancellation.Cancel();
                }
            }),
            cancellation.Token);
    }

    private sealed class Reports(Action<ConversionProgress> report) : IProgress<ConversionProgress>
    {
        public void Report(ConversionProgress value) => report(value);
    }
}
