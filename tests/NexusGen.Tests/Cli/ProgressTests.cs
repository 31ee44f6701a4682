using NexusGen.Cli.Progress;
using NexusGen.Requests;

namespace NexusGen.Tests.Cli;

public class ProgressTests
{
    [Fact]
    public void EveryWidthGetsALineThatFits()
    {
        for (int width = -1; width <= 200; width++)
        {
            for (int done = 0; done <= 50; done += 25)
            {
                foreach (TimeSpan? left in (TimeSpan?[])[null, TimeSpan.FromSeconds(3725), TimeSpan.MaxValue])
                {
                    string line = ProgressLine.Format($"denoising {done}/50", done / 50.0, left, done, width, unicode: true);
                    Assert.True(line.Length <= Math.Max(0, width - 1), $"{width}: {line}");
                }
            }
        }
    }

    [Theory]
    [InlineData(1, "")]
    [InlineData(8, "denoisi")]
    [InlineData(17, "denoising 12/50")]
    [InlineData(18, "- denoising 12/50")]
    [InlineData(28, "- denoising 12/50 1:02:05")]
    [InlineData(37, "- denoising 12/50 ==-------- 1:02:05")]
    public void WhatHasRoomIsShown(int width, string line) => Assert.Equal(
        line,
        ProgressLine.Format("denoising 12/50", 0.24, TimeSpan.FromSeconds(3725), 0, width, unicode: false));

    [Fact]
    public void BarsComeAndGo()
    {
        using var writer = new Screen();
        var progress = new BarProgress(writer, () => 60, TimeProvider.System);

        progress.Report(new ProgressReport(ProgressPhase.Loading, 0, null, "T5 [1]"));
        writer.WaitFor("loading T5 [1]");
        progress.Report(new ProgressReport(ProgressPhase.Denoising, 3, 10));
        writer.WaitFor("denoising 3/10 ━");
        progress.Pause();
        string shown = writer.ToString();
        Assert.EndsWith("\r\e[?7l\e[K\e[?7h", shown);

        progress.Report(new ProgressReport(ProgressPhase.Denoising, 4, 10));
        writer.WaitFor("denoising 4/10");
        progress.Dispose();
        string all = writer.ToString();
        progress.Report(new ProgressReport(ProgressPhase.Denoising, 5, 10));

        Assert.Contains("denoising 4/10", all[shown.Length..]);
        Assert.Equal(all, writer.ToString());
    }

    [Fact]
    public async Task AScreenThatAcceptsNothingDelaysNobody()
    {
        using var writer = new Screen();
        var progress = new BarProgress(writer, () => 60, TimeProvider.System);
        progress.Report(new ProgressReport(ProgressPhase.Denoising, 1, 10));
        writer.WaitFor("1/10");

        writer.Stop();
        await Task.Run(() =>
        {
            progress.Report(new ProgressReport(ProgressPhase.Denoising, 2, 10));
            progress.Dispose();
        }).WaitAsync(TimeSpan.FromSeconds(30));
        writer.Continue();
    }

    private sealed class Screen : StringWriter
    {
        private readonly Lock _lock = new();
        private readonly ManualResetEventSlim _open = new(initialState: true);

        public void Stop() => _open.Reset();

        public void Continue() => _open.Set();

        public override void Write(string? value)
        {
            _open.Wait();
            lock (_lock)
            {
                base.Write(value);
            }
        }

        public override string ToString()
        {
            lock (_lock)
            {
                return base.ToString();
            }
        }

        public void WaitFor(string text) =>
            Assert.True(SpinWait.SpinUntil(() => ToString().Contains(text, StringComparison.Ordinal), 30_000), ToString());
    }
}
