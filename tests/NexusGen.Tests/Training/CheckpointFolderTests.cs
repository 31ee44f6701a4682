using NexusGen.Training.Checkpoints;
using NexusGen.Training.Core;

namespace NexusGen.Tests.Training;

public class CheckpointFolderTests
{
    [Fact]
    public void WhatFailsLeavesNothing()
    {
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointFolder(folder.Path);
        Assert.Throws<TrainingException>(() => checkpoints.Add(1, path =>
        {
            File.WriteAllText(Path.Combine(path, "half"), "");
            throw new IOException("the disk is full");
        }));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void OnlyItsOwnLeftoversGo()
    {
        using var folder = new TemporaryFolder();
        foreach (string name in (string[])[".writing-step-00000003", ".removing-step-00000001", ".mine", "step-00000002", "step-x"])
        {
            folder.Write(Path.Combine(Directory.CreateDirectory(folder[name]).FullName, "file"), "");
        }

        var checkpoints = new CheckpointFolder(folder.Path);
        checkpoints.RemoveLeftovers();
        Assert.Equal([".mine", "step-00000002", "step-x"], Directory.GetDirectories(folder.Path).Select(path => Path.GetFileName(path)).Order());
        Assert.Equal(folder["step-00000002"], checkpoints.Latest);
    }

    [Fact]
    public void StepsAreOrderedAsNumbers()
    {
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointFolder(folder.Path);
        foreach (long step in (long[])[999_999_999, 5, 1_000_000_000])
        {
            checkpoints.Add(step, _ => { });
        }

        Assert.Equal([5L, 999_999_999L, 1_000_000_000L], checkpoints.All.Select(checkpoint => checkpoint.Step));
        checkpoints.Thin(last: 2, best: false);
        Assert.Equal([999_999_999L, 1_000_000_000L], checkpoints.All.Select(checkpoint => checkpoint.Step));
    }
}
